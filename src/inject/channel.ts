// Messages on the socket between Remora and its agent. From the agent: one kind byte, a length of 4 bytes (big-endian),
// the payload. To the agent: an answer in the same form, then single bytes. What they mean stands in protocol.ts.

import fs from 'node:fs'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

export interface Message {
  readonly kind: string
  readonly payload: Buffer
}

const HEADER_BYTES = 5
/** The agent cuts its output into far smaller pieces; a longer message is not from it. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

/** Unread bytes beyond which the socket is paused: the agent then waits its second, and drops. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** The other end of a rendezvous. */
export class Channel {
  readonly #socket: Socket
  #unread: Buffer[] = []
  #unreadBytes = 0
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => this.#add(bytes))
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
    // The agent can vanish at any moment; that shows as the end of the stream, never as an exception.
    socket.on('error', () => this.#end())
  }

  /** The next message, or undefined when the agent has closed the connection, or died, or broken the protocol. */
  async receive(): Promise<Message | undefined> {
    const header = await this.#take(HEADER_BYTES)
    const length = header?.readUInt32BE(1)
    if (header === undefined || length === undefined || length > MAX_PAYLOAD_BYTES) return undefined
    const payload = await this.#take(length)
    return payload && { kind: header.toString('latin1', 0, 1), payload }
  }

  /** Whether the agent has not left by now: that, too, is told in its turn of the event loop, which may be late. */
  async isOpen(): Promise<boolean> {
    await setImmediate()
    await setImmediate()
    return !this.#ended
  }

  send(kind: string, payload: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES)
    header.write(kind, 'latin1')
    header.writeUInt32BE(payload.length, 1)
    this.#socket.write(Buffer.concat([header, payload]))
  }

  /** One byte without a length: a word to an agent that is at work. */
  sendWord(word: string): void {
    // Not through the stream if it can be helped: the agent may have ended, and the failure of a stream's write throws
    // away what the agent has said and we have not read yet.
    const descriptor = descriptorOf(this.#socket)
    if (descriptor === undefined) this.#socket.write(word, 'latin1')
    else writeIfPossible(descriptor, word)
  }

  /** Text without a length, to an agent that is at work and reads lines. */
  sendText(text: string): void {
    if (!this.#socket.destroyed) this.#socket.write(text)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Exactly `length` bytes, or undefined when the stream ends before. */
  async #take(length: number): Promise<Buffer | undefined> {
    while (this.#unreadBytes < length && !this.#ended) {
      this.#socket.resume()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#unreadBytes < length) return undefined
    const [first] = this.#unread
    const all = first !== undefined && first.length >= length ? first : Buffer.concat(this.#unread)
    const rest = all.subarray(length)
    this.#unread = all === first ? [rest, ...this.#unread.slice(1)] : [rest]
    this.#unreadBytes -= length
    return all.subarray(0, length)
  }

  #add(bytes: Buffer): void {
    this.#unread.push(bytes)
    this.#unreadBytes += bytes.length
    if (this.#unreadBytes > MAX_UNREAD_BYTES) this.#socket.pause()
    this.#wake?.()
  }

  #end(): void {
    this.#ended = true
    this.#wake?.()
  }
}

/** The descriptor of a connected socket with nothing left to write, which Node tells nobody officially. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null }
  const descriptor = handle?.fd ?? -1
  return descriptor >= 0 && socket.writableLength === 0 ? descriptor : undefined
}

function writeIfPossible(descriptor: number, word: string): void {
  try {
    fs.writeSync(descriptor, word)
  } catch {
    // The agent has ended.
  }
}
