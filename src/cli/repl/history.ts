// The lines of past sessions, in a file of the user's. Each line is added when it is entered, so that none is lost when
// the terminal goes; sessions that run at the same time mix.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const MAX_LINES = 1_000

export class History {
  readonly #file: string

  constructor(file = defaultFile()) {
    this.#file = file
  }

  /** The last lines, newest first, as readline wants them. What cannot be read is no history. */
  read(): string[] {
    try {
      const lines = fs
        .readFileSync(this.#file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
      if (lines.length > 2 * MAX_LINES) this.#write(lines.slice(-MAX_LINES))
      return lines.slice(-MAX_LINES).toReversed()
    } catch {
      return []
    }
  }

  add(line: string): void {
    try {
      fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 })
      fs.appendFileSync(this.#file, `${line}\n`, { mode: 0o600 })
    } catch {
      // A home that cannot be written to: the session works without.
    }
  }

  #write(lines: readonly string[]): void {
    const replacement = `${this.#file}.${process.pid}`
    fs.writeFileSync(replacement, `${lines.join('\n')}\n`, { mode: 0o600 })
    fs.renameSync(replacement, this.#file)
  }
}

function defaultFile(): string {
  const state = process.env.XDG_STATE_HOME || path.join(os.homedir(), '.local', 'state')
  return path.join(state, 'remora', 'repl-history')
}
