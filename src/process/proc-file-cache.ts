// Small files below /proc that are read again and again: they stay open, which halves the time of a look.

import fs from 'node:fs'

/** Files that are kept open at most. */
const MAX_KEPT = 512
/** No line that is read this way is longer. */
const MAX_BYTES = 1024

/** A file below /proc as text; undefined when it cannot be read. */
export function readSmallFile(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

export class ProcFileCache {
  readonly #files = new Map<string, number>()
  readonly #bytes = Buffer.alloc(MAX_BYTES)

  /** As `readSmallFile`, for at most `MAX_BYTES`. */
  readonly read = (path: string): string | undefined => {
    const known = this.#files.get(path)
    try {
      const length = fs.readSync(known ?? this.#open(path), this.#bytes, 0, MAX_BYTES, 0)
      return this.#bytes.toString('latin1', 0, length)
    } catch {
      this.#close(path)
      // What an open file was about has ended: if there is one of that name again, it is about another.
      return known === undefined ? undefined : this.read(path)
    }
  }

  close(): void {
    for (const path of this.#files.keys()) this.#close(path)
  }

  #open(path: string): number {
    if (this.#files.size >= MAX_KEPT) this.close()
    const file = fs.openSync(path, 'r')
    this.#files.set(path, file)
    return file
  }

  #close(path: string): void {
    const file = this.#files.get(path)
    this.#files.delete(path)
    if (file !== undefined) fs.closeSync(file)
  }
}
