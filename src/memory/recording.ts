// Remembers which pages of a target are read, and copies them in the end: what readers touched while they went through
// this memory is what they will find again in an image. The target has to stand still meanwhile.

import { PAGE_BYTES } from './page.js'
import type { Pages } from './recorded.js'
import type { Address, MemoryRange, RemoteMemory } from './remote-memory.js'

export class RecordingMemory implements RemoteMemory {
  readonly #memory: RemoteMemory
  readonly #touched = new Set<Address>()

  constructor(memory: RemoteMemory) {
    this.#memory = memory
  }

  read(address: Address, length: number): Buffer {
    const bytes = this.#memory.read(address, length)
    this.#remember({ address, length })
    return bytes
  }

  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    const results = this.#memory.readMany(ranges)
    ranges.forEach((range, index) => {
      if (results[index] !== undefined) this.#remember(range)
    })
    return results
  }

  write(address: Address, bytes: Uint8Array): void {
    this.#memory.write(address, bytes)
  }

  close(): void {
    this.#memory.close()
  }

  /** All pages of which a byte was read, as they are now, in order of address. */
  copyPages(): Pages {
    const addresses = [...this.#touched].sort((a, b) => a - b)
    return new Map(addresses.map((page) => [page, this.#memory.read(page, PAGE_BYTES)]))
  }

  #remember({ address, length }: MemoryRange): void {
    for (let page = address - (address % PAGE_BYTES); page < address + length; page += PAGE_BYTES)
      this.#touched.add(page)
  }
}
