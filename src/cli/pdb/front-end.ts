// A front-end of pdb for people: text comes out as the target says it, replies come from a source of lines.

import type { BlockState } from '../../pdb/agent-transport.js'
import type { OpenPrompt, PdbFrontEnd, Reply } from '../../pdb/converse.js'
import type { MessageType } from '../../pdb/protocol.js'
import type { LineSource } from './line-source.js'
import { readStatement } from './read-statement.js'

export interface FrontEndOptions {
  readonly lines: LineSource
  readonly write: (text: string) => Promise<void>
  /** Shows a long text. */
  readonly page: (text: string) => Promise<void>
  readonly checkBlock: (block: string) => Promise<BlockState>
}

export class LineFrontEnd implements PdbFrontEnd {
  readonly #options: FrontEndOptions

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
    return readStatement(open, {
      readLine: (prompt, more) => lines.readLine(prompt, open, more),
      checkBlock,
      complain: (error) => this.showMessage(error, 'error'),
    })
  }
}
