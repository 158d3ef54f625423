// The client's side of a pdb session: what the target says goes to a front-end, and what that answers goes back. Knows
// neither terminals nor sockets. A front-end may ask for completions while a prompt is open, and only then.

import {
  type ClientMessage,
  type CompletionRequest,
  formatMessage,
  type MessageType,
  type PromptState,
  parseServerMessage,
  type ServerMessage,
} from './protocol.js'

/** Carries lines between a client and a target. */
export interface Transport {
  send(line: string): void
  /** The next line, or undefined when the other side has gone. */
  receive(): Promise<string | undefined>
}

export type Reply = Exclude<ClientMessage, { complete: CompletionRequest }>

/** What a front-end may ask while it reads the reply to a prompt. */
export interface OpenPrompt {
  readonly prompt: string
  readonly state: PromptState
  /** Whether a word is a command of pdb at the moment; anything else is Python. */
  isCommand(word: string): boolean
  /** The target's own completions of a word, empty when it has gone. */
  complete(request: CompletionRequest): Promise<readonly string[]>
}

export interface PdbFrontEnd {
  showMessage(text: string, type: MessageType): void | Promise<void>
  /** @param text The help itself, where the target sends it along. */
  showHelp(topic: string, text: string | undefined): void | Promise<void>
  readReply(prompt: OpenPrompt): Promise<Reply>
}

/** Runs a session until the target ends it. */
export async function serveFrontEnd(transport: Transport, frontEnd: PdbFrontEnd): Promise<void> {
  const conversation = new Conversation(transport)
  for (;;) {
    const message = await conversation.next()
    if (message === undefined) return
    if ('message' in message) await frontEnd.showMessage(message.message, message.type)
    else if ('help' in message) await frontEnd.showHelp(message.help, message.text)
    else if ('prompt' in message) {
      const reply = await frontEnd.readReply(conversation.open(message))
      conversation.answer(reply)
    }
  }
}

/** The messages that are for a front-end, one after the other, for callers that are not called back. */
export class Conversation {
  readonly #transport: Transport
  #commands: ReadonlySet<string> = new Set()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The next message that is for the front-end. */
  async next(): Promise<ServerMessage | undefined> {
    for (;;) {
      const line = await this.#transport.receive()
      if (line === undefined) return undefined
      const message = parseServerMessage(line)
      if (message !== undefined && 'command_list' in message) this.#commands = new Set(message.command_list)
      // What is no message of the protocol comes from a newer server, or from nobody we know.
      else if (message !== undefined) return message
    }
  }

  /** Answers the prompt that is open. */
  answer(reply: Reply): void {
    this.#transport.send(formatMessage(reply))
  }

  open({ prompt, state }: Extract<ServerMessage, { prompt: string }>): OpenPrompt {
    return {
      prompt,
      state,
      isCommand: (word) => this.#commands.has(word),
      complete: async (request) => {
        this.#transport.send(formatMessage({ complete: request }))
        const answer = await this.next()
        return answer !== undefined && 'completions' in answer ? answer.completions : []
      },
    }
  }
}
