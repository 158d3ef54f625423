// Clients of `remora pdb` that are killed at any moment: while they attach, at a prompt, in a command, while the program
// runs, between two breakpoints. The program goes on, the next attach works, and nothing is left.
// REMORA_ROUNDS=200 for the whole of it.

import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attach } from '../../src/session/attach.js'
import { interpreters } from '../harness/interpreters.js'
import { expectUndisturbed } from '../harness/pdb.js'
import { remora, startRemora } from '../harness/remora.js'
import { openScreen } from '../harness/screen.js'
import { startTarget } from '../harness/target.js'
import { rendezvousDirectoriesOf } from '../harness/temporary.js'

const rounds = Number(process.env.REMORA_ROUNDS ?? 6)

/** What a session is doing when its client dies. */
const scripts: readonly (readonly string[])[] = [
  ['b factorial', ...Array<string>(500).fill('c')],
  ['b factorial', 'commands', 'print("hit")', 'c', 'end', 'c'],
  ['c'],
  ['!while True: pass'],
  ['!__import__("time").sleep(60)'],
  ['b fail', 'c', 'interact', 'while True: print(1)', ''],
  [...Array<string>(500).fill('step')],
]

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test(`killed ${rounds} times`, { timeout: 20_000 + rounds * 5_000 }, async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    for (let round = 0; round < rounds; round++) {
      const script = scripts[round % scripts.length] ?? []
      const afterMs = Math.random() * 600
      const { child, result } = startRemora(['pdb', program.pid], { input: `${script.join('\n')}\nc\nc\nc\n` })
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      child.kill('SIGKILL')
      await result
      const next = await remora(['pdb', program.pid, '-c', 'b', '-c', 'q'])
      expect(next, `round ${round}: killed after ${afterMs} ms in ${script[0]}`).toMatchObject({
        code: 0,
        stdout: '',
        stderr: '',
      })
      expect(leftBy(child.pid)).toEqual([])
    }
    await expectUndisturbed(interpreter, program)
  })

  test('killed while the target imports pdb for it: the next client waits until it has', async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    await using target = await attach(program.pid)
    const { child, result } = startRemora(['pdb', program.pid])
    const isImporting = (): boolean =>
      target.stack().threads.some(({ frames }) => frames.some(({ file }) => file.endsWith('/pdb.py')))
    while (!isImporting()) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGKILL')
    const pdb = await target.pdb({ commands: ['q'] })
    expect(await pdb.beginning).toMatchObject({ messages: [], ended: 'detached' })
    await result
    await expectUndisturbed(interpreter, program)
    expect(leftBy(child.pid)).toEqual([])
  })

  test('its terminal is closed, at a prompt and while the program runs', async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    for (const commands of [[], ['b factorial', 'c'], ['c']]) {
      const screen = openScreen(['pdb', program.pid])
      await screen.until(/\(Pdb\)$/)
      for (const command of commands) screen.enter(command)
      screen.hangUp()
      await screen.exited()
      expect(await remora(['pdb', program.pid, '-c', 'b', '-c', 'q'])).toMatchObject({
        code: 0,
        stdout: '',
        stderr: '',
      })
    }
    await expectUndisturbed(interpreter, program)
  })
})

/**
 * The directories of a killed client, but for one with a script still in it: there it was killed between staging and
 * asking, and as nobody can tell that from a request that is pending somewhere, it stays until someone reboots.
 */
function leftBy(pid: number | undefined): string[] {
  return rendezvousDirectoriesOf(pid).filter((directory) => {
    const asked = !fs.readdirSync(directory).some((name) => name.endsWith('.py'))
    if (!asked) fs.rmSync(directory, { recursive: true })
    return asked
  })
}
