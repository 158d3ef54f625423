// Free-threaded interpreters, where one is among those that were found: what is read of them is what they say of
// themselves, and all else is refused.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readActivity } from '../../../src/process/threads/threads.js'
import { attach } from '../../../src/session/attach.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { expectOnlyReading } from '../../harness/free-threaded.js'
import { freeThreadedInterpreters, type Interpreter } from '../../harness/interpreters.js'
import { programPath, startTarget } from '../../harness/target.js'
import { expectToldLocals } from '../../harness/told-locals.js'
import type { Expected } from '../../images/open-image.js'

if (freeThreadedInterpreters.length === 0) {
  test('free-threaded interpreters', ({ skip }) => {
    skip('SKIPPED: no free-threaded CPython is here; name one in REMORA_PYTHONS')
  })
}

describe.each(freeThreadedInterpreters)('$name', (interpreter) => {
  test('stacks and names are what the program says of them', async () => {
    const { pid, told } = await startParked(interpreter)
    await using target = await attach(pid)
    expect(target.python).toMatchObject({ version: interpreter.version, freeThreaded: true })
    const { threads, consistent } = target.stack({ source: false })
    expect(consistent).toBe(true)
    for (const { ident, name, frames } of told.threads) {
      const read = threads.find(({ id }) => id === ident)
      expect(read).toMatchObject({ frames, holdsGil: false, ...(name === null ? {} : { name }) })
    }
  })

  test('locals are what the target itself says of them, in every frame', async () => {
    await expectToldLocals(interpreter)
  })

  test('what would run code in it, or profile it, is refused, and changes nothing', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await expectOnlyReading(program.pid)
    const { exit, result, fingerprint } = await program.finish()
    expect([exit, result, program.stderr]).toEqual([0, true, ''])
    expectUnchanged(program.before, fingerprint)
  })
})

/** The program of the recorded images, which stands still after it has said everything about itself in one line. */
async function startParked(interpreter: Interpreter): Promise<{ pid: number; told: Expected }> {
  const child = spawn(interpreter.path, ['-B', programPath('parked')], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(readline.createInterface({ input: child.stdout }), 'line')) as [string]
  const pid = child.pid as number
  for (let activity = readActivity(pid, pid); !isRead(activity); activity = readActivity(pid, pid)) {
    await new Promise(setImmediate)
  }
  return { pid, told: JSON.parse(line) as Expected }
}

function isRead(activity: ReturnType<typeof readActivity>): boolean {
  return typeof activity === 'object' && activity.name === 'read'
}
