// Reads the same scattered pieces of a process again and again, into buffers that stay: what a profiler does thousands
// of times a second. Here is what a reader offers, and the list of pieces that it is given. No object is made while it
// reads.

import type { Address } from './remote-memory.js'

/** One piece is an address and a length of 8 bytes each, as an `iovec` has them: two 32-bit words twice. */
const PIECE_WORDS = 4
export const PIECE_BYTES = 16
const TWO_32 = 2 ** 32

/** A buffer that never moves, so that its address may be kept. */
export interface FixedBuffer {
  readonly bytes: Buffer
  readonly words: Uint32Array
  /** Where it lies in this process; 0 without koffi. */
  readonly address: number
}

/** One process, open for scattered reads. */
export interface ScatterReader {
  readonly pid: number

  allocate(length: number): FixedBuffer

  /** Fills all pieces; false when one of them could not be read, and then the rest is undefined. */
  read(pieces: PieceList): boolean

  /** Whether the process is still the one that was opened, and has `address`. */
  isAlive(address: Address): boolean

  /** Whether `length` bytes of `buffer` at two places are equal; places and length are multiples of 4. */
  isEqual(buffer: FixedBuffer, a: number, b: number, length: number): boolean

  close(): void
}

type VisitPiece = (buffer: FixedBuffer, at: number, address: Address, length: number) => boolean

/** What to read and where to put it: two lists of pieces in buffers that never move, so that a system call can take them. */
export class PieceList {
  readonly #reader: ScatterReader
  readonly #buffers: FixedBuffer[] = []
  local: FixedBuffer
  remote: FixedBuffer
  count = 0
  /** Sum of the lengths. */
  bytes = 0

  constructor(reader: ScatterReader, capacity = 64) {
    this.#reader = reader
    this.local = reader.allocate(capacity * PIECE_BYTES)
    this.remote = reader.allocate(capacity * PIECE_BYTES)
  }

  clear(): void {
    this.count = 0
    this.bytes = 0
  }

  add(address: Address, length: number, buffer: FixedBuffer, at: number): void {
    if (this.count * PIECE_BYTES === this.local.bytes.length) this.#grow()
    const word = this.count * PIECE_WORDS
    putPointer(this.remote.words, word, address)
    putPointer(this.remote.words, word + 2, length)
    putPointer(this.local.words, word + 2, length)
    this.#buffers[this.count] = buffer
    this.bytes += length
    this.move(this.count++, at)
  }

  /** Lets piece `index` go to another place of its buffer. */
  move(index: number, at: number): void {
    putPointer(this.local.words, index * PIECE_WORDS, (this.#buffers[index] as FixedBuffer).address + at)
  }

  every(visit: VisitPiece): boolean {
    for (let index = 0; index < this.count; index++) {
      const buffer = this.#buffers[index] as FixedBuffer
      const at = pointerOf(this.local.words, index * PIECE_WORDS) - buffer.address
      const address = pointerOf(this.remote.words, index * PIECE_WORDS)
      if (!visit(buffer, at, address, pointerOf(this.remote.words, index * PIECE_WORDS + 2))) return false
    }
    return true
  }

  #grow(): void {
    for (const side of ['local', 'remote'] as const) {
      const larger = this.#reader.allocate(this[side].bytes.length * 2)
      larger.bytes.set(this[side].bytes)
      this[side] = larger
    }
  }
}

/** The 64-bit word that begins at 32-bit word `at`. */
export function pointerOf(words: Uint32Array, at: number): number {
  return (words[at + 1] as number) * TWO_32 + (words[at] as number)
}

function putPointer(words: Uint32Array, at: number, value: number): void {
  // The assignment itself keeps the low 32 bits.
  words[at] = value
  words[at + 1] = value / TWO_32
}
