// Memory of which the beginning of one structure is read once for all its fields: a call costs far more than the bytes.
// What was read ahead is used from `look` to `letGo` and no longer, since who reads something twice wants to know
// whether it is still the same.

import { withinPage } from './page.js'
import type { Address, MemoryRange, RemoteMemory } from './remote-memory.js'

/** Most objects are shorter, and cost no more than this. */
const AHEAD_BYTES = 128

export class LookAheadMemory implements RemoteMemory {
  readonly #memory: RemoteMemory
  #start: Address = 0
  #bytes: Buffer | undefined

  constructor(memory: RemoteMemory) {
    this.#memory = memory
  }

  /** Reads what begins at `address`, within its page: the next one may not be mapped. */
  look(address: Address): void {
    this.#start = address
    this.#bytes = this.#memory.read(address, withinPage(address, AHEAD_BYTES))
  }

  letGo(): void {
    this.#bytes = undefined
  }

  read(address: Address, length: number): Buffer {
    return this.#ahead(address, length) ?? this.#memory.read(address, length)
  }

  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    const ahead = ranges.map(({ address, length }) => this.#ahead(address, length))
    return ahead.includes(undefined) ? this.#memory.readMany(ranges) : ahead
  }

  write(address: Address, bytes: Uint8Array): void {
    this.#memory.write(address, bytes)
  }

  close(): void {
    this.#memory.close()
  }

  #ahead(address: Address, length: number): Buffer | undefined {
    const offset = address - this.#start
    if (this.#bytes === undefined || offset < 0 || !(offset + length <= this.#bytes.length)) return undefined
    return this.#bytes.subarray(offset, offset + length)
  }
}
