// A message of Protocol Buffers in the making: fields are appended to a buffer that grows.

const VARINT = 0
const LENGTH_DELIMITED = 2
/** A field's number and a varint of 64 bits. */
const LONGEST_FIELD = 20
/** Beyond, bits cannot be shifted. */
const LARGEST_INTEGER = 0x7f_ff_ff_ff
const SAMPLE_STACK = 8
const SAMPLE_DELTA = 16

export class Message {
  #buffer = Buffer.allocUnsafe(64)
  length = 0

  get encoded(): Uint8Array {
    return this.#buffer.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  varint(field: number, value: number): this {
    this.#makeRoom(LONGEST_FIELD)
    this.#write(field * 8 + VARINT)
    this.#write(value)
    return this
  }

  bigVarint(field: number, value: bigint): this {
    this.#makeRoom(LONGEST_FIELD)
    this.#write(field * 8 + VARINT)
    let rest = value
    for (; rest > 127n; rest >>= 7n) this.#buffer[this.length++] = Number(rest & 127n) | 128
    this.#buffer[this.length++] = Number(rest)
    return this
  }

  text(field: number, text: string): this {
    return this.#delimited(field, Buffer.from(text))
  }

  bytes(field: number, message: Message): this {
    return this.#delimited(field, message.encoded)
  }

  /** Field 1 and field 2 in one go: there are millions of these. */
  sample(stack: number, deltaUs: number): void {
    if (deltaUs > LARGEST_INTEGER) return void this.varint(1, stack).varint(2, deltaUs)
    this.#makeRoom(LONGEST_FIELD * 2)
    const buffer = this.#buffer
    let at = this.length
    buffer[at++] = SAMPLE_STACK
    let rest = stack
    for (; rest > 127; rest >>>= 7) buffer[at++] = (rest & 127) | 128
    buffer[at++] = rest
    buffer[at++] = SAMPLE_DELTA
    rest = deltaUs
    for (; rest > 127; rest >>>= 7) buffer[at++] = (rest & 127) | 128
    buffer[at++] = rest
    this.length = at
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.#makeRoom(LONGEST_FIELD + bytes.length)
    this.#write(field * 8 + LENGTH_DELIMITED)
    this.#write(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  #write(value: number): void {
    let rest = value
    while (rest > LARGEST_INTEGER) {
      this.#buffer[this.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      this.#buffer[this.length++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#buffer[this.length++] = rest
  }

  #makeRoom(size: number): void {
    if (this.#buffer.length - this.length >= size) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.length + size))
    larger.set(this.encoded)
    this.#buffer = larger
  }
}
