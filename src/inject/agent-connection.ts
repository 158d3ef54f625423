// An agent that has proved itself and waits for its answer. The agent's source is compiled by the target; the result
// comes back with the first run and is sent instead of the source from then on, as compiling takes most of the time
// of a short request. It lives as long as the session and is never kept on a disk.

import type { Channel, Message } from './channel.js'

/** Compiled agents of one target by their source. */
export type CompiledAgents = Map<string, Buffer>

export class AgentConnection {
  readonly #channel: Channel
  readonly #clientToken: string
  readonly #compiled: CompiledAgents
  #source = ''

  constructor(channel: Channel, clientToken: string, compiled: CompiledAgents) {
    this.#channel = channel
    this.#clientToken = clientToken
    this.#compiled = compiled
  }

  /** Sends the agent's code and its configuration: from here on it runs. */
  start(source: string, config: unknown): void {
    this.#source = source
    const compiled = this.#compiled.get(source)
    this.#channel.send('g', Buffer.from(JSON.stringify({ token: this.#clientToken, config })))
    this.#channel.send(compiled === undefined ? 's' : 'm', compiled ?? Buffer.from(source))
  }

  /** The agent's next message, or undefined when the connection has ended. */
  async receive(): Promise<Message | undefined> {
    const message = await this.#channel.receive()
    if (message?.kind !== 'c') return message
    this.#compiled.set(this.#source, Buffer.from(message.payload))
    return this.receive()
  }

  /** One byte to an agent that is at work. */
  sendWord(word: string): void {
    this.#channel.sendWord(word)
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
