// A script that takes long, on all interpreters side by side: the program waits for it, as it would for any script that
// it runs itself, and then goes on.

import { describe, expect, test } from 'vitest'
import { attach } from '../../src/session/attach.js'
import { expectUnchanged } from '../harness/fingerprint.js'
import { interpreters } from '../harness/interpreters.js'
import { startTarget } from '../harness/target.js'

describe('a script that sleeps for 40 seconds', () => {
  test.concurrent.each(interpreters)('on $name', { timeout: 90_000 }, async (interpreter) => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    const { outcome, timing } = await target.exec('import time\ntime.sleep(40)', {
      timeoutMs: 20_000,
      onWaiting: () => program.type('40'),
    })
    expect(outcome).toBe('completed')
    expect(timing.runMs).toBeGreaterThanOrEqual(40_000)
    expect(await program.says('total')).toBe(40)
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([40, 0, ''])
    expectUnchanged(program.before, fingerprint)
  })
})
