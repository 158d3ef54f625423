// Reads the numbers of DWARF one after the other. Reading past the end gives zeros and is remembered, so that a broken
// table is noticed once, at its end.

/** The one encoding of addresses that is read: four signed bytes, relative to their own place. */
export const SDATA4_PCREL = 0x1b

export class EncodedBytes {
  readonly #bytes: Buffer
  readonly #start: number
  #at = 0
  overrun = false

  /** @param start Address (in the file) of the first byte. */
  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.#start = start
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Address of the next byte. */
  get address(): number {
    return this.#start + this.#at
  }

  u8(): number {
    return this.#advance(1)?.readUInt8(0) ?? 0
  }

  u16(): number {
    return this.#advance(2)?.readUInt16LE(0) ?? 0
  }

  u32(): number {
    return this.#advance(4)?.readUInt32LE(0) ?? 0
  }

  i32(): number {
    return this.#advance(4)?.readInt32LE(0) ?? 0
  }

  /** An address relative to its own place, as linkers write them on every system that Remora knows. */
  pointer(encoding: number): number | undefined {
    const at = this.address
    const offset = this.i32()
    return (encoding & 0x7f) === SDATA4_PCREL ? at + offset : undefined
  }

  uleb(): number {
    return this.#leb().value
  }

  sleb(): number {
    const { value, bits, negative } = this.#leb()
    return negative ? value - 2 ** bits : value
  }

  cString(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.#bytes.toString('latin1', this.#at, Math.max(end, this.#at))
    this.skip(text.length + 1)
    return text
  }

  skip(length: number): void {
    this.#advance(length)
  }

  /** The next `length` bytes as a reader of their own. */
  take(length: number): EncodedBytes {
    const start = this.address
    return new EncodedBytes(this.#advance(length) ?? Buffer.alloc(0), start)
  }

  #leb(): { value: number; bits: number; negative: boolean } {
    let [value, bits] = [0, 0]
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** bits
      bits += 7
      // No number here has more than 49 bits, and then it is exact.
      if ((byte & 0x80) === 0 || bits >= 49) return { value, bits, negative: (byte & 0x40) !== 0 }
    }
  }

  #advance(length: number): Buffer | undefined {
    const [start, end] = [this.#at, this.#at + length]
    this.#at = end
    if (end <= this.#bytes.length) return this.#bytes.subarray(start, end)
    this.overrun = true
    return undefined
  }
}
