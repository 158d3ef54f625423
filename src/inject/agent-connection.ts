// An agent that has proved itself and waits for its answer. Its source lies beside the bootstrap, and the target compiles
// it before it comes. From the second run of an agent on, the compiled code comes back and is sent instead of the source,
// as compiling takes most of the time of a short request. It lives as long as the session, and on no disk.

import type { Channel, Message } from './channel.js'

/** The agents of one target, by their source. */
export class CompiledAgents {
  readonly #codes = new Map<string, Buffer | undefined>()

  /** To be called when an agent is expected. Its code is wanted from the second time on: most commands run one once. */
  look(source: string): { readonly knownCode: Buffer | undefined; readonly wanted: boolean } {
    const knownCode = this.#codes.get(source)
    const wanted = knownCode === undefined && this.#codes.has(source)
    this.#codes.set(source, knownCode)
    return { knownCode, wanted }
  }

  add(source: string, code: Buffer): void {
    this.#codes.set(source, code)
  }
}

/** What was fixed when the request was staged. */
export interface ExpectedAgent {
  readonly clientToken: string
  readonly source: string
  /** The compiled source, if it was known then: the staged file does without the source. */
  readonly knownCode: Buffer | undefined
}

export class AgentConnection {
  readonly #channel: Channel
  readonly #clientToken: string
  readonly #source: string
  readonly #knownCode: Buffer | undefined
  readonly #compiled: CompiledAgents

  constructor(channel: Channel, { clientToken, source, knownCode }: ExpectedAgent, compiled: CompiledAgents) {
    this.#channel = channel
    this.#clientToken = clientToken
    this.#source = source
    this.#knownCode = knownCode
    this.#compiled = compiled
  }

  /** Sends the agent its configuration: from here on it runs. */
  start(config: unknown): void {
    this.#channel.send('g', Buffer.from(JSON.stringify({ token: this.#clientToken, config })))
    if (this.#knownCode !== undefined) this.#channel.send('m', this.#knownCode)
  }

  /** The agent's next message, or undefined when the connection has ended. */
  async receive(): Promise<Message | undefined> {
    for (;;) {
      const message = await this.#channel.receive()
      if (message?.kind !== 'c') return message
      this.#compiled.add(this.#source, Buffer.from(message.payload))
    }
  }

  /** A message to an agent that waits for some. */
  send(kind: string, payload: Buffer): void {
    this.#channel.send(kind, payload)
  }

  /** One byte to an agent that is at work. */
  sendWord(word: string): void {
    this.#channel.sendWord(word)
  }

  /** Text to an agent that reads lines. */
  sendText(text: string): void {
    this.#channel.sendText(text)
  }

  /** Waits until the agent has closed the connection, at most `ms`. */
  async ended(ms: number): Promise<void> {
    const timer = setTimeout(() => this.close(), ms)
    while ((await this.receive()) !== undefined);
    clearTimeout(timer)
  }

  /** Ends the conversation. An agent that has not been started goes without a trace. */
  close(): void {
    this.#channel.close()
  }
}
