// The terminal as the commands see it: two streams, an input, and whether colours are welcome. The only place that
// knows `process.stdout` and the environment, so that a test can put something else in its place.

import { styleText } from 'node:util'
import { Output } from './output.js'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  /** Waits until a slow reader has taken it. @throws RemoraError `OUTPUT_UNWRITABLE` */
  writeOut(text: string | Uint8Array): Promise<void>
  /** As `writeOut`, but never fails. */
  writeError(text: string | Uint8Array): Promise<void>
  /** Style for text on stdout: plain where that is no terminal, but for FORCE_COLOR, or where NO_COLOR is set. */
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

/** The streams of this process; others in a test. */
export function openTerminal(
  stdout: Pick<Output, 'terminal' | 'write'> = new Output(1),
  stderr: Pick<Output, 'terminal' | 'write'> = new Output(2),
): Terminal {
  return {
    get stdin() {
      return process.stdin
    },
    writeOut: (text) => stdout.write(text),
    // Where errors cannot be told, nobody can be told of that either.
    writeError: (text) => stderr.write(text).catch(() => {}),
    style: (format, text) => (wantsColour(stdout.terminal !== undefined) ? styleText(format, text) : text),
    get interactive() {
      const output = stdout.terminal
      return output !== undefined && process.stdin.isTTY ? { input: process.stdin, output } : undefined
    },
    get columns() {
      return stdout.terminal?.columns || undefined
    },
    get errorColumns() {
      return process.env.TERM === 'dumb' ? undefined : stderr.terminal?.columns || undefined
    },
    get rows() {
      return stdout.terminal?.rows || undefined
    },
  }
}

/** As Python decides it: NO_COLOR goes before FORCE_COLOR. */
function wantsColour(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR) return false
  return FORCE_COLOR ? FORCE_COLOR !== '0' : isTerminal && TERM !== 'dumb'
}
