// Starts test programs and talks with them: they say on their standard output when they are ready, what they compute
// and, at the end, their fingerprint. Everything that is started here is ended here, by its PID.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { readActivity } from '../../src/process/threads/threads.js'
import type { Interpreter } from './interpreters.js'

export interface StartOptions {
  /** Options of the interpreter, before the program. */
  readonly options?: readonly string[]
  readonly arguments?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Another program in front of the interpreter, such as `unshare` or `setpriv` with its options. */
  readonly launcher?: readonly string[]
  readonly cwd?: string
  /** Another way to the folder of the programs. */
  readonly folder?: string
}

/** What a program says of itself; see test/programs/support.py. */
export type Fingerprint = Readonly<Record<string, unknown>> & { readonly modules: readonly string[] }

/** Starts `test/programs/<program>` and waits until it is ready. It ends with the test at the latest. */
export async function startTarget(
  interpreter: Interpreter,
  program: string,
  options: StartOptions = {},
): Promise<TestTarget> {
  const target = spawnTarget(interpreter, program, options)
  await target.untilReady()
  return target
}

/** As `startTarget`, without waiting. */
export function spawnTarget(interpreter: Interpreter, program: string, options: StartOptions = {}): TestTarget {
  const [command, ...words] = [
    ...(options.launcher ?? []),
    interpreter.path,
    '-B',
    ...(options.options ?? []),
    path.join(options.folder ?? programsFolder, program),
    ...(options.arguments ?? []),
  ] as [string, ...string[]]
  const child = spawn(command, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.env },
  })
  const target = new TestTarget(child)
  onTestFinished(() => target.kill())
  return target
}

export const programsFolder = path.resolve(import.meta.dirname, '../programs')

export function programPath(program: string): string {
  return path.join(programsFolder, program)
}

export class TestTarget {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  readonly #exit: Promise<number | string>
  readonly #values = new Map<string, unknown>()
  #stderr = ''

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child
    this.#lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#exit = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? '?')))
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** What it has written to its standard error so far: nothing of ours may be in it. */
  get stderr(): string {
    return this.#stderr
  }

  /** The fingerprint it took of itself when it was ready. */
  get before(): Fingerprint {
    return this.#values.get('ready') as Fingerprint
  }

  /** Waits for a line that begins with `word`, and returns the value behind it. */
  async says(word: string): Promise<unknown> {
    while (!this.#values.has(word)) {
      const { done, value: line } = await this.#lines.next()
      if (done) throw new Error(`the program ended before it said ${word}; its stderr:\n${this.#stderr}`)
      const space = line.indexOf(' ')
      this.#values.set(line.slice(0, space), JSON.parse(line.slice(space + 1)))
    }
    const value = this.#values.get(word)
    if (word !== 'ready') this.#values.delete(word)
    return value
  }

  async untilReady(): Promise<void> {
    await this.says('ready')
  }

  /** Waits until its main thread sits in one of these system calls, as the kernel says; `read` is one of its input. */
  async untilBlockedIn(...names: readonly string[]): Promise<void> {
    for (;;) {
      const activity = readActivity(this.pid, this.pid)
      // While it starts, an interpreter reads many files.
      const isMeant = typeof activity === 'object' && names.includes(activity.name)
      if (isMeant && (activity.name !== 'read' || activity.arguments[0] === 0n)) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** The fingerprint that it takes of itself now; for programs that say it when a line is typed. */
  async fingerprint(): Promise<Fingerprint> {
    await this.#untilGuestsHaveGone()
    this.type('')
    return (await this.says('fingerprint')) as Fingerprint
  }

  /** Closes its input, on which every test program ends, and returns what it says then. */
  async finish(): Promise<{ result: unknown; fingerprint: Fingerprint; exit: number | string }> {
    await this.#untilGuestsHaveGone()
    this.#child.stdin.end()
    const last = (await this.says('finished')) as { result: unknown; fingerprint: Fingerprint }
    return { ...last, exit: await this.#exit }
  }

  /**
   * A thread that is over for Python takes a moment more to be gone for the kernel. An agent has the second that the
   * contract gives it; one that is there after that will be in the fingerprint.
   */
  async #untilGuestsHaveGone(): Promise<void> {
    const tasks = `/proc/${this.pid}/task`
    const before = this.before?.tasks
    const deadline = performance.now() + 1_000
    while (Array.isArray(before) && performance.now() < deadline) {
      if (!fs.existsSync(tasks) || fs.readdirSync(tasks).length <= before.length) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** How it ended: exit code or name of the signal. */
  async exited(): Promise<number | string> {
    return this.#exit
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}
