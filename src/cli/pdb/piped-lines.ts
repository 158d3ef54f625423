// Lines from a pipe or a socket. The prompt is written as it is for a person, and nothing is echoed, as Python's own
// `input` has it.

import readline from 'node:readline'
import type { Readable } from 'node:stream'
import type { LineSource, TypedLine } from './line-source.js'

export interface PipedLinesOptions {
  readonly input: Readable
  readonly write: (text: string) => Promise<void>
  /** Resolves when the target has gone: nobody waits for a line any more. */
  readonly gone: Promise<void>
}

export class PipedLines implements LineSource {
  readonly #write: (text: string) => Promise<void>
  readonly #input: Readable
  readonly #reader: readline.Interface
  readonly #lines: string[] = []
  #ended = false
  #waiting: ((typed: TypedLine) => void) | undefined

  constructor({ input, write, gone }: PipedLinesOptions) {
    this.#write = write
    this.#input = input
    this.#reader = readline.createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    this.#reader.on('line', (line) => {
      if (!this.#answer({ line })) this.#lines.push(line)
    })
    const end = (): void => {
      this.#ended = true
      this.#answer({ signal: 'EOF' })
    }
    this.#reader.on('close', end)
    void gone.then(end)
  }

  async readLine(prompt: string): Promise<TypedLine> {
    await this.#write(prompt)
    const line = this.#lines.shift()
    if (line !== undefined) return { line }
    if (this.#ended) return { signal: 'EOF' }
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Ctrl-C at a prompt; false where there is none. */
  interrupt(): boolean {
    return this.#answer({ signal: 'INT' })
  }

  close(): void {
    this.#reader.close()
    this.#input.destroy()
  }

  #answer(typed: TypedLine): boolean {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(typed)
    return waiting !== undefined
  }
}
