// Who has the GIL is let go on before what was read in the midst of a change is believed, but nobody waits for those who
// change nothing: asleep in the kernel, stopped, or gone.

import { describe, expect, test } from 'vitest'
import { readGil } from '../../../src/cpython/gil.js'
import { readMainInterpreter } from '../../../src/cpython/interpreter.js'
import { readThreadState } from '../../../src/process/threads/threads.js'
import { GilProgress } from '../../../src/session/read/inspect/gil-progress.js'
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
    const progress = new GilProgress(opened)
    expect(progress.isPossible()).toBe(true)
    expect(progress.wait()).toBe(true)
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
      expect(new GilProgress(opened).isPossible()).toBe(false)
    })
  })

  test('a thread that computes has it', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await withOpened(program, async (opened) => {
      const progress = new GilProgress(opened)
      // Now and then it gives the GIL up to look at its input.
      while (!progress.isPossible()) await new Promise((resolve) => setImmediate(resolve))
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
