// A front-end of pdb for people: text comes out as the target says it, replies come from a source of lines.

import type { BlockState } from '../../pdb/agent-transport.js'
import type { MessageType } from '../../pdb/protocol.js'
import type { OpenPrompt, PdbFrontEnd, Reply } from '../../pdb/serve-front-end.js'
import type { LineSource } from './line-source.js'
import { readStatement } from './read-statement.js'

export interface FrontEndOptions {
  readonly lines: LineSource
  readonly write: (text: string) => Promise<void>
  /** Shows a long text. */
  readonly page: (text: string) => Promise<void>
  readonly checkBlock: (block: string) => Promise<BlockState>
}

const INTERRUPT = { signal: 'INT' } as const

export class LineFrontEnd implements PdbFrontEnd {
  readonly #options: FrontEndOptions
  #reading = false
  #interrupted = false

  constructor(options: FrontEndOptions) {
    this.#options = options
  }

  showMessage(text: string, type: MessageType): Promise<void> {
    return this.#options.write(type === 'error' ? `*** ${text}\n` : text)
  }

  showHelp(topic: string, text: string | undefined): Promise<void> {
    return this.#options.page(text ?? `*** No help for '${topic}'\n`)
  }

  async readReply(open: OpenPrompt): Promise<Reply> {
    const { lines, checkBlock } = this.#options
    this.#reading = true
    this.#interrupted = false
    const reply = await readStatement(open, {
      readLine: async (prompt, more) => (this.#interrupted ? INTERRUPT : lines.readLine(prompt, open, more)),
      checkBlock,
      complain: (error) => this.showMessage(error, 'error'),
    })
    this.#reading = false
    return this.#interrupted ? INTERRUPT : reply
  }

  /**
   * Ctrl-C where no line is waited for: between two lines, while the target says whether they are a whole statement, it
   * gives up that statement. False where none is being read.
   */
  interrupt(): boolean {
    this.#interrupted = this.#reading
    return this.#reading
  }
}
