// The terminal as the commands see it: two streams, an input, and whether colours are welcome. The only place that
// knows `process.stdout` and the environment, so that a test can put something else in its place.

import { styleText } from 'node:util'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  /** Waits until a slow reader has taken it. */
  writeOut(text: string | Uint8Array): Promise<void>
  writeError(text: string | Uint8Array): Promise<void>
  /** Style for text on stdout: plain where that is no terminal or NO_COLOR is set. */
  style(format: Style, text: string): string
  /** Width of stdout in columns, undefined where it is no terminal. */
  readonly columns: number | undefined
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export function openTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process
  const colour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  // A reader that has gone is no failure of ours: the process ends as if it had been killed by SIGPIPE.
  for (const stream of [stdout, stderr]) stream.on('error', endOnClosedPipe)
  return {
    stdin,
    writeOut: (text) => write(stdout, text),
    writeError: (text) => write(stderr, text),
    style: (format, text) => (colour ? styleText(format, text) : text),
    columns: stdout.isTTY ? stdout.columns : undefined,
  }
}

function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve())
  })
}

function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(1)
}
