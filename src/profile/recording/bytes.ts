// Writing and reading whole numbers as varints: seven bits a byte, the lowest first, and the top bit says that more
// follow. Small numbers, which is what differences are, take one byte.

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1 << 16)
  #length = 0

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    if (this.#length + 10 > this.#bytes.length) this.#grow()
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** What has been written, until the next `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}

export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Past the end it gives zeros. */
  varint(): number {
    let byte = this.#bytes[this.#at++] ?? 0
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * factor
    }
    return value
  }
}
