// The terminal as the commands see it: two streams, an input, and whether colours are welcome. The only place that
// knows `process.stdout` and the environment, so that a test can put something else in its place.

import { styleText } from 'node:util'
import { RemoraError } from '../errors/remora-error.js'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  /** Waits until a slow reader has taken it. @throws RemoraError `OUTPUT_UNWRITABLE` */
  writeOut(text: string | Uint8Array): Promise<void>
  /** As `writeOut`, but never fails. */
  writeError(text: string | Uint8Array): Promise<void>
  /** Style for text on stdout: plain where that is no terminal or NO_COLOR is set. */
  style(format: Style, text: string): string
  /** The two streams of the terminal that a person sits at; undefined where either of them is something else. */
  readonly interactive: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream } | undefined
  /** Width of stdout in columns, undefined where it is no terminal, or one that does not know, as serial lines. */
  readonly columns: number | undefined
  /** Width of stderr in columns, undefined where it is no terminal that can erase a line. */
  readonly errorColumns: number | undefined
  /** Height of stdout in lines, undefined where it is no terminal. */
  readonly rows: number | undefined
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse'

/** Streams are opened at their first use: each costs a millisecond or two, and a silent command needs none. */
export function openTerminal(): Terminal {
  return {
    get stdin() {
      return process.stdin
    },
    writeOut: (text) => write('stdout', text),
    // Where errors cannot be told, nobody can be told of that either.
    writeError: (text) => write('stderr', text).catch(() => {}),
    style: (format, text) => (wantsColour() ? styleText(format, text) : text),
    get interactive() {
      const isTerminal = process.stdin.isTTY && process.stdout.isTTY
      return isTerminal ? { input: process.stdin, output: process.stdout } : undefined
    },
    get columns() {
      return process.stdout.isTTY ? process.stdout.columns || undefined : undefined
    },
    get errorColumns() {
      return process.stderr.isTTY && process.env.TERM !== 'dumb' ? process.stderr.columns || undefined : undefined
    },
    get rows() {
      return process.stdout.isTTY ? process.stdout.rows || undefined : undefined
    },
  }
}

function wantsColour(): boolean {
  const { NO_COLOR, TERM } = process.env
  return process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb'
}

function write(name: 'stdout' | 'stderr', text: string | Uint8Array): Promise<void> {
  if (text.length === 0) return Promise.resolve()
  const stream = process[name]
  // A worker's streams are piped into these, which listens, too.
  if (!stream.listeners('error').includes(endOnClosedPipe)) stream.on('error', endOnClosedPipe)
  return new Promise((resolve, reject) => {
    stream.write(text, (cause) => {
      if (cause == null) resolve()
      else reject(new RemoraError('OUTPUT_UNWRITABLE', `the output cannot be written: ${cause.message}`, { cause }))
    })
  })
}

/** A reader that has gone is no failure of ours: the process ends as if it had been killed by SIGPIPE. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(1)
}
