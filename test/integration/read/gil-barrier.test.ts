// What was read in the midst of a change is believed only once the thread that has the GIL has gone on. Nobody waits for
// a thread that changes nothing: one that sleeps in the kernel, is stopped, or has gone.

import { describe, expect, test } from 'vitest'
import { readGil } from '../../../src/cpython/runtime/gil.js'
import { readMainInterpreter } from '../../../src/cpython/runtime/interpreter.js'
import { readThreadState } from '../../../src/process/threads/threads.js'
import { GilBarrier } from '../../../src/session/read/inspect/gil-barrier.js'
import { type OpenProcess, openProcess } from '../../../src/session/target/open-process.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

describe.each(interpreters)('$name', (interpreter) => {
  const withOpened = async (program: TestTarget, action: (opened: OpenProcess) => unknown): Promise<void> => {
    const opened = openProcess(program.pid, { access: 'read' })
    try {
      await action(opened)
    } finally {
      opened.memory.close()
    }
  }
  /** Of one who has the GIL, and cannot go on: waiting would take all the time that there is. */
  const expectNoWaiting = (opened: OpenProcess): void => {
    const barrier = new GilBarrier(opened)
    expect(barrier.isNeeded()).toBe(true)
    expect(barrier.wait()).toBe(true)
  }
  const holderIn = ({ runtime }: OpenProcess): number => {
    const { gil, threadsMain } = readMainInterpreter(runtime)
    const { holder } = readGil(runtime, gil)
    expect([0, threadsMain]).toContain(holder)
    return holder
  }

  test('a program that waits has given up the GIL', async () => {
    const program = await startTarget(interpreter, 'growing.py')
    await program.untilBlockedIn('read')
    await withOpened(program, (opened) => {
      expect(holderIn(opened)).toBe(0)
      expect(new GilBarrier(opened).isNeeded()).toBe(false)
    })
  })

  test('a thread that computes has it', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await withOpened(program, async (opened) => {
      const barrier = new GilBarrier(opened)
      // Now and then it gives the GIL up to look at its input.
      while (!barrier.isNeeded()) await new Promise((resolve) => setImmediate(resolve))
    })
    expect(await program.finish()).toMatchObject({ result: true, exit: 0 })
  })

  test('nobody waits for a thread that sleeps in the kernel with the GIL, nor for one that is stopped', async () => {
    const program = await startTarget(interpreter, 'holding.py')
    program.type('hold')
    await program.says('holding')
    await program.untilBlockedIn('read')
    await withOpened(program, (opened) => {
      expect(holderIn(opened)).not.toBe(0)
      expectNoWaiting(opened)
      program.signal('SIGSTOP')
      while (readThreadState(program.pid, program.pid) !== 'T');
      expectNoWaiting(opened)
      program.signal('SIGCONT')
    })
  })
})
