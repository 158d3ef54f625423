// Runs the built command line as a person does, and gathers what it prints.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const cliPath = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url))

const NOTICES = /^(remora: waiting for thread \d+ \(.+\): (in .+ \(.+:\d+\)|not in Python code)(, .+)?\n)+/

export interface CliResult {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
  /**
   * What stands on stderr behind the notices with which it may begin, one for each request: on a busy machine, any target
   * can take longer than the 300 ms after which a person is told why it has reached no safe point.
   */
  readonly complaints: string
  readonly output: Buffer
}

export interface CliOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** Another program in front, such as `setpriv` with its options. */
  readonly launcher?: readonly string[]
  readonly cwd?: string
  /** Another build of it. */
  readonly cli?: string
}

export async function remora(words: readonly (string | number)[], options: CliOptions = {}): Promise<CliResult> {
  return startRemora(words, options).result
}

export interface RunningCli {
  readonly child: ChildProcess
  readonly result: Promise<CliResult>
  /** Resolves when stderr matches; rejects when the command ends first. */
  stderrMatches(pattern: RegExp): Promise<void>
}

/** Starts a command and leaves it running, for tests that interrupt or kill it. */
export function startRemora(words: readonly (string | number)[], options: CliOptions = {}): RunningCli {
  const [command, ...rest] = [
    ...(options.launcher ?? []),
    process.execPath,
    options.cli ?? cliPath,
    ...words.map(String),
  ] as [string]
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.env },
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  const watchers = new Set<() => void>()
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece))
  child.stderr.on('data', (piece: Buffer) => {
    stderr.push(piece)
    for (const watch of watchers) watch()
  })
  const errorText = (): string => Buffer.concat(stderr).toString('utf8')
  const result = new Promise<CliResult>((resolve) => {
    child.on('close', (code, signal) => {
      const output = Buffer.concat(stdout)
      const complaints = errorText().replace(NOTICES, '')
      resolve({ code: code ?? signal ?? '?', stdout: output.toString('utf8'), stderr: errorText(), complaints, output })
    })
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const stderrMatches = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const watch = (): void => void (pattern.test(errorText()) && resolve())
      watchers.add(watch)
      watch()
      void result.then(({ stderr: text }) => reject(new Error(`remora ended; its stderr: ${text}`)))
    })
  return { child, result, stderrMatches }
}
