// Messages on the socket between Remora and its agent. From the agent: one kind byte, a length of 4 bytes (big-endian),
// the payload. To the agent: an answer in the same form, then single bytes. Nothing here knows what they mean.

import type { Socket } from 'node:net'

export interface Message {
  readonly kind: string
  readonly payload: Buffer
}

const HEADER_BYTES = 5
/** The agent cuts its output into far smaller pieces; a longer message is not from it. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

/** The other end of a rendezvous. */
export class Channel {
  readonly #socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  #buffered: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
    // The agent can vanish at any moment; that shows as the end of the stream, never as an exception.
    socket.on('error', () => {})
    this.#chunks = socket.iterator({ destroyOnReturn: false })
  }

  /** The next message, or undefined when the agent has closed the connection, or died, or broken the protocol. */
  async receive(): Promise<Message | undefined> {
    if (!(await this.#fill(HEADER_BYTES))) return undefined
    const length = this.#buffered.readUInt32BE(1)
    if (length > MAX_PAYLOAD_BYTES || !(await this.#fill(HEADER_BYTES + length))) return undefined
    const kind = this.#buffered.toString('latin1', 0, 1)
    const payload = this.#buffered.subarray(HEADER_BYTES, HEADER_BYTES + length)
    this.#buffered = this.#buffered.subarray(HEADER_BYTES + length)
    return { kind, payload }
  }

  send(kind: string, payload: Buffer): void {
    const header = Buffer.alloc(HEADER_BYTES)
    header.write(kind, 'latin1')
    header.writeUInt32BE(payload.length, 1)
    this.#socket.write(Buffer.concat([header, payload]))
  }

  /** One byte without a length: a word to an agent that is at work. */
  sendWord(word: string): void {
    this.#socket.write(word, 'latin1')
  }

  close(): void {
    this.#socket.destroy()
  }

  async #fill(length: number): Promise<boolean> {
    if (this.#buffered.length >= length) return true
    const pieces: Buffer[] = [this.#buffered]
    let total = this.#buffered.length
    while (total < length) {
      const { done, value } = await this.#next()
      if (done) return false
      pieces.push(value)
      total += value.length
    }
    this.#buffered = Buffer.concat(pieces, total)
    return true
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    try {
      return await this.#chunks.next()
    } catch {
      return { done: true, value: undefined }
    }
  }
}
