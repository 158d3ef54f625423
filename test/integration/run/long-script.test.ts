// A script that takes long, on all interpreters side by side: the program waits for it, as it would for any script that
// it runs itself, and then goes on.

import { expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { ThreadActivityInfo } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { sideBySide } from '../../harness/side-by-side.js'
import { startTarget } from '../../harness/target.js'
import { withResolvers } from '../../harness/with-resolvers.js'

test('a script that sleeps for 40 seconds, on all interpreters side by side', { timeout: 120_000 }, async () => {
  await sideBySide(interpreters, visit)
})

async function visit(interpreter: Interpreter): Promise<void> {
  const program = await startTarget(interpreter, 'reader.py')
  await program.untilBlockedIn('read')
  await using target = await attach(program.pid)
  const waiting = withResolvers<ThreadActivityInfo>()
  const exec = target.exec('import time\ntime.sleep(40)', { timeoutMs: 20_000, onWaiting: waiting.resolve })
  await waiting.promise
  program.type('40')
  const { outcome, timing } = await exec
  expect(outcome).toBe('completed')
  expect(timing.runMs).toBeGreaterThanOrEqual(40_000)
  expect(await program.says('total')).toBe(40)
  const { result, fingerprint, exit } = await program.finish()
  expect([result, exit, program.stderr]).toEqual([40, 0, ''])
  expectUnchanged(program.before, fingerprint)
}
