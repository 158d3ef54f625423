// Memory read block by block, for whoever goes through all of it: a call costs as much as copying a few pages, and what
// was allocated in a row lies side by side. Blocks are forgotten after some thousand reads, as a running target
// changes meanwhile.

import type { Address, MemoryRange, RemoteMemory } from './remote-memory.js'

const BLOCK_BYTES = 16 * 1024
/** Longer pieces are read as they are. */
const MAX_PIECE_BYTES = 4 * 1024
const MAX_READS = 16 * 1024
const MAX_BLOCKS = 512

export class BlockMemory implements RemoteMemory {
  readonly #memory: RemoteMemory
  /** By number; undefined for one that cannot be read as a whole. */
  readonly #blocks = new Map<number, Buffer | undefined>()
  #reads = 0

  constructor(memory: RemoteMemory) {
    this.#memory = memory
  }

  read(address: Address, length: number): Buffer {
    return this.#take(address, length) ?? this.#memory.read(address, length)
  }

  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    return ranges.map(({ address, length }) => this.#take(address, length) ?? this.#readAlone(address, length))
  }

  write(address: Address, bytes: Uint8Array): void {
    this.forget()
    this.#memory.write(address, bytes)
  }

  close(): void {
    this.#memory.close()
  }

  /** What is read from now on is as it is now. */
  forget(): void {
    this.#blocks.clear()
    this.#reads = 0
  }

  #take(address: Address, length: number): Buffer | undefined {
    if (!(length >= 0 && length <= MAX_PIECE_BYTES && address > 0)) return undefined
    if (++this.#reads > MAX_READS || this.#blocks.size > MAX_BLOCKS) this.forget()
    const number = Math.floor(address / BLOCK_BYTES)
    const start = address - number * BLOCK_BYTES
    if (start + length > BLOCK_BYTES) return undefined
    if (!this.#blocks.has(number)) this.#blocks.set(number, this.#readAlone(number * BLOCK_BYTES, BLOCK_BYTES))
    return this.#blocks.get(number)?.subarray(start, start + length)
  }

  #readAlone(address: Address, length: number): Buffer | undefined {
    return this.#memory.readMany([{ address, length }])[0]
  }
}
