// Clients of `remora pdb` and `remora repl` that are killed, and terminals that are closed, at any moment: while they
// attach, at a prompt, in a command, while the program runs. After each the next client gets in, and the program is as it
// was before the first. REMORA_ROUNDS=200 for the whole of it.

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readRequest } from '../../../src/inject/request.js'
import { chooseThread, listThreads } from '../../../src/session/activity/threads.js'
import { Pdb } from '../../../src/session/run/pdb.js'
import { toAskedThread } from '../../../src/session/run/to-asked-thread.js'
import { WritableTarget } from '../../../src/session/run/writable-target.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed, pdbImports } from '../../harness/pdb.js'
import { type RunningCli, remora, startRemora } from '../../harness/remora.js'
import { openScreen } from '../../harness/screen.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { rendezvousDirectoriesOf } from '../../harness/temporary.js'

const rounds = Number(process.env.REMORA_ROUNDS ?? 3)
const timeout = 20_000 + rounds * 5_000
const MAX_LIFE_MS = 600

interface Kind {
  readonly command: 'pdb' | 'repl'
  readonly options: readonly string[]
  /** What a session is doing when its client dies. */
  readonly scripts: readonly (readonly string[])[]
  /** The next session: what it is told, with its options or on its input, and what it prints if all is well. */
  readonly next: { readonly options: readonly string[]; readonly input: string; readonly stdout: string }
  /** What sessions import. */
  readonly imports: string
}

const pdb: Kind = {
  command: 'pdb',
  options: [],
  scripts: [
    ['b factorial', ...Array<string>(500).fill('c')],
    ['b factorial', 'commands', 'print("hit")', 'c', 'end', 'c'],
    ['c'],
    ['!while True: pass'],
    ['!__import__("time").sleep(60)'],
    ['b fail', 'c', 'interact', 'while True: print(1)', ''],
    Array<string>(500).fill('step'),
  ],
  // No breakpoint is left to be listed.
  next: { options: ['-c', 'b', '-c', 'p "next"', '-c', 'q'], input: '', stdout: "'next'\n" },
  imports: pdbImports,
}

const repl: Kind = {
  command: 'repl',
  options: [],
  scripts: [
    ['held = [1] * 1000', 'import math', 'while True: held.append(math.pi); held.pop()', ''],
    Array<string>(500).fill('x = 1'),
    ['import time; time.sleep(60)'],
    ['while True: print("x")', ''],
    ['def f(n): return n and f(n - 1)', '', ...Array<string>(500).fill('f(100)')],
    ['x = 1'],
  ],
  next: { options: [], input: '"next"\n', stdout: "'next'\n" },
  imports: 'import _ast, math, time, traceback\ntry: nobody\nexcept NameError: traceback.format_exc()',
}

/** Outside of the main thread, a call that blocks ends first. */
const agent: Kind = {
  ...repl,
  options: ['--thread', 'agent'],
  scripts: repl.scripts.map((lines) => lines.map((line) => line.replace('time.sleep(60)', 'time.sleep(0.1)'))),
}

const kinds: readonly Kind[] = [pdb, repl, agent]
const cases = kinds.map((kind) => [[kind.command, ...kind.options].join(' '), kind] as const)

/** Starts a client that is at `script`, ends it after a while, and returns its PID. */
type Visit = (words: readonly (string | number)[], script: readonly string[], lifeMs: number) => Promise<number>

const killedWithPipe: Visit = async (words, script, lifeMs) => {
  const { child, result } = startRemora(words, { input: `${script.join('\n')}\n` })
  await after(lifeMs)
  child.kill('SIGKILL')
  await result
  return child.pid as number
}

const killedOnTerminal: Visit = async (words, script, lifeMs) => {
  const screen = openScreen(words)
  for (const line of script) screen.enter(line)
  await after(lifeMs)
  await screen.kill()
  return screen.pid
}

const terminalClosed: Visit = async (words, script, lifeMs) => {
  const screen = openScreen(words)
  for (const line of script) screen.enter(line)
  await after(lifeMs)
  screen.hangUp()
  await screen.exited()
  return screen.pid
}

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  async function expectNothingLeft({ command, options, scripts, next, imports }: Kind, visits: Visit[]): Promise<void> {
    const program = await startTarget(interpreter, 'debugged.py')
    const words = [command, program.pid, ...options]
    const allowed = importedBy(interpreter, imports)
    const guests: number[] = []
    for (let round = 0; round < rounds; round++) {
      const [visit, script] = [visits[round % visits.length], scripts[round % scripts.length]] as [Visit, string[]]
      const lifeMs = Math.random() * MAX_LIFE_MS
      guests.push(await visit(words, script, lifeMs))
      const { code, stdout, complaints } = await remora([...words, ...next.options], next)
      const when = `round ${round}: ended after ${lifeMs} ms in ${script[0]}`
      expect([code, stdout, complaints], when).toEqual([0, next.stdout, ''])
      expectUnchanged(program.before, await program.fingerprint(), allowed)
    }
    // A client that was killed when it had staged one more script: it goes with the request after the next.
    expect(await remora([...words, ...next.options], next)).toMatchObject({ code: 0 })
    expect(guests.flatMap(rendezvousDirectoriesOf)).toEqual([])
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([true, 0, ''])
    expectUnchanged(program.before, fingerprint, allowed)
  }

  test.each(cases)(`%s: ${rounds} clients are killed`, { timeout }, async (_, kind) => {
    await expectNothingLeft(kind, [killedWithPipe, killedOnTerminal])
  })

  test.each(cases)(`%s: ${rounds} terminals are closed`, { timeout }, async (_, kind) => {
    await expectNothingLeft(kind, [terminalClosed])
  })

  test('killed while the target imports pdb for it: the next client waits until it has', async () => {
    const program = await startTarget(interpreter, 'slow_import.py')
    const client = startRemora(['pdb', program.pid])
    await program.says('importing')
    await expectNextWaits(interpreter, program, client)
  })

  test('killed while pdb looks whether to stop: the next client waits until it knows', async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    const condition = 'support.say("looking") or next(support.lines())'
    const client = startRemora(['pdb', program.pid, '-c', `b factorial, ${condition}`, '-c', 'c'])
    await program.says('looking')
    await expectNextWaits(interpreter, program, client)
  })
})

/** Kills a client that the program has said to be under way; the program goes on when a line is typed. */
async function expectNextWaits(interpreter: Interpreter, program: TestTarget, client: RunningCli): Promise<void> {
  const target = new WritableTarget(program.pid)
  onTestFinished(() => target.dispose())
  const { slot } = toAskedThread(target, chooseThread(listThreads(target), 'main'))
  const write = vi.spyOn(slot.runtime.memory, 'write')
  client.child.kill('SIGKILL')
  await client.result
  const asked = Pdb.open(target, { commands: ['q'] })
  // It comes to the line that is typed when it is done with the request.
  while (write.mock.calls.length < 3 || readRequest(slot).pending) await after(0)
  program.type('go on')
  const next = await asked
  expect(await next.beginning).toMatchObject({ messages: [], ended: 'detached' })
  await expectUndisturbed(interpreter, program)
  expect(rendezvousDirectoriesOf(client.child.pid)).toEqual([])
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
