// Whoever uses a trace dies at any moment: its client, who reads from its pipe, its terminal. The program is as it was
// within a second, and goes on. REMORA_ROUNDS=200 for the whole of it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { cliPath, startRemora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 2)
const MOST_MS = 500
const PROBES = ['hot(args) -> result', '__main__.* count by function', 'raise ValueError', 'traced.py:68 {order.id}']

type Command = readonly (string | number)[]

/** Start a command, let somebody die at a random moment, and return when the command has ended. */
const deaths: Readonly<Record<string, (command: Command, program: TestTarget) => Promise<void>>> = {
  'its client is killed': async (command) => {
    const { child, result } = startRemora(command)
    await someTime()
    child.kill('SIGKILL')
    await result
  },
  'the reader of its pipe goes': async (command, program) => {
    const { child, result } = startRemora(command)
    await someTime()
    child.stdout?.destroy()
    // It finds out when it has something to say.
    while (child.exitCode === null && child.signalCode === null) {
      program.type('hot 10')
      await program.says('log')
    }
    await result
  },
  'its terminal is killed': async (command) => {
    const code = 'import pty, sys; pty.spawn(sys.argv[1:])'
    const words = [process.execPath, cliPath, ...command.map(String)]
    const terminal = spawn(anyInterpreter.path, ['-c', code, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void terminal.kill('SIGKILL'))
    // The kernel hangs up on those who sit at it.
    const client = await readChild(terminal)
    terminal.stdout.resume()
    await someTime()
    terminal.kill('SIGKILL')
    await once(terminal, 'exit')
    await vi.waitUntil(() => !fs.existsSync(`/proc/${client}`), { timeout: 20_000, interval: 5 })
  },
}

describe.each(interpreters)('$name', (interpreter) => {
  test.each(Object.keys(deaths))(
    `%s, at ${ROUNDS} random moments`,
    { timeout: 60_000 + ROUNDS * 10_000 },
    async (name) => {
      const program = await startTarget(interpreter, 'traced.py')
      const before = await readState(program)
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        program.type('hot 20000')
        await deaths[name]?.(['trace', program.pid, ...PROBES], program)
        const gone = performance.now()
        await vi.waitUntil(async () => (await readState(program)) === before, { timeout: 20_000, interval: 5 })
        times.push(performance.now() - gone)
      }
      const slowest = Math.max(...times)
      // What the program does meanwhile, and a loaded machine, are no part of the second.
      expect(slowest).toBeLessThan(5_000)
      if (ROUNDS > 50)
        console.log(`${interpreter.name}: ${name}: the slowest of ${ROUNDS} took ${slowest.toFixed(0)} ms`)
      program.type('rounds 5')
      const { fingerprint, exit } = await program.finish()
      expect([exit, program.stderr]).toEqual([0, ''])
      expectUnchanged(program.before, fingerprint, ['_operator', '_signal'])
    },
  )
})

function someTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_MS))
}

/** Tools of sys.monitoring, threads and descriptors of the program, as text. */
async function readState(program: TestTarget): Promise<string> {
  program.type('state 0')
  return JSON.stringify(await program.says('state'))
}

async function readChild({ pid }: ChildProcess): Promise<number> {
  const read = (): number => Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim())
  return vi.waitUntil(read, { timeout: 20_000, interval: 1 })
}
