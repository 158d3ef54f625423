// An agent that has proved itself and waits for its answer, which brings its code.

import type { AgentCode } from './agent-code.js'
import type { Channel, Message } from './channel.js'
import { MESSAGES, type Start, type ToAgent, type Word } from './protocol.js'

/** What it gets when it starts. */
export interface AgentStart {
  readonly clientToken: string
  readonly code: AgentCode
}

export class AgentConnection {
  /** What `threading` calls its thread, as it says; undefined where that knows no name. */
  readonly threadName: string | undefined
  readonly #channel: Channel
  readonly #start: AgentStart
  #speak: () => void = () => {}
  /** Resolves when the agent's first message has been received, or the end of the connection. */
  readonly spoken = new Promise<void>((resolve) => {
    this.#speak = resolve
  })

  constructor(channel: Channel, start: AgentStart, threadName?: string) {
    this.threadName = threadName
    this.#channel = channel
    this.#start = start
  }

  /** Sends the agent its configuration and its code: from here on it runs. */
  start(config: unknown): void {
    const { clientToken, code } = this.#start
    const start: Start = { token: clientToken, config }
    this.send(MESSAGES.start, Buffer.from(JSON.stringify(start)))
    this.send(code.message, code.payload)
  }

  /** The agent's next message, or undefined when the connection has ended. */
  async receive(): Promise<Message | undefined> {
    const message = await this.#channel.receive()
    this.#speak()
    return message
  }

  /** A message to an agent that waits for some. */
  send({ kind }: ToAgent, payload: Buffer): void {
    this.#channel.send(kind, payload)
  }

  /** To an agent that is at work. */
  sendWord({ kind }: Word): void {
    this.#channel.sendWord(kind)
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
