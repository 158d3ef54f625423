// Lines of source files as the target sees them: through its own root, relative paths from its working directory.
// Files are kept for the length of a session; a file that has changed since the program read it shows what it is now,
// as Python's own tracebacks do.

import fs from 'node:fs'
import { pathOfTargetFile } from '../../process/target-files.js'

const MAX_FILE_BYTES = 8 * 1024 * 1024

export class SourceLines {
  readonly #pid: number
  readonly #files = new Map<string, readonly string[]>()

  constructor(pid: number) {
    this.#pid = pid
  }

  /** Line `line` (from 1) of `file`, without its end; undefined when it cannot be read. */
  find(file: string, line: number): string | undefined {
    let lines = this.#files.get(file)
    if (lines === undefined) {
      lines = this.#read(file)
      this.#files.set(file, lines)
    }
    return lines[line - 1]
  }

  #read(file: string): readonly string[] {
    // `<frozen importlib._bootstrap>`, `<string>`: not files.
    if (file.startsWith('<')) return []
    const path = pathOfTargetFile(this.#pid, file)
    try {
      if (fs.statSync(path).size > MAX_FILE_BYTES) return []
      return fs.readFileSync(path, 'utf8').split(/\r\n|\n|\r/)
    } catch {
      return []
    }
  }
}
