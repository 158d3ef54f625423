// Clients that leave, or are killed, while the program is in C code that keeps the GIL: nothing of ours can run then.
// As soon as the program lets go of it, all of ours goes, and the program is as before. (Contract point 6.)

import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed } from '../../harness/pdb.js'
import { openScreen } from '../../harness/screen.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { rendezvousDirectoriesOf } from '../../harness/temporary.js'

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  const start = (): Promise<TestTarget> => startTarget(interpreter, 'holding.py')
  const threadsOf = ({ pid }: TestTarget): number => fs.readdirSync(`/proc/${pid}/task`).length

  /** Has the program take the GIL into C, and keep it. */
  async function hold(program: TestTarget): Promise<void> {
    program.type('hold')
    await program.says('holding')
    await program.untilBlockedIn('read')
  }

  test('a prompt is left: its thread is still there after the second that we wait, and gone when it can', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    const repl = await target.repl()
    expect(await repl?.run('6 * 7')).toMatchObject({ outcome: 'completed', stdout: '42\n' })
    await hold(program)
    await repl?.[Symbol.asyncDispose]()
    expect(threadsOf(program)).toBe(2)
    program.type('go on')
    await expectUndisturbed(interpreter, program, 1)
  })

  test.each([
    ['repl', /leaves\n>>>$/],
    ['pdb', /\(Pdb\)$/],
  ])('the client of a %s is killed', async (command, prompt) => {
    const program = await start()
    const screen = openScreen([command, program.pid])
    await screen.until(prompt)
    if (command === 'pdb') {
      screen.enter('c')
      await screen.until(/\(Pdb\) c$/)
    }
    await hold(program)
    await screen.kill()
    expect(threadsOf(program)).toBe(2)
    program.type('go on')
    await expectUndisturbed(interpreter, program, 1)
    expect(rendezvousDirectoriesOf(screen.pid)).toEqual([])
  })
})
