// Memory that a test draws itself, piece by piece, where an image does not have what the test is about: broken objects,
// free-threaded layouts, lists that never end. Nothing is mapped but what was placed.

import { PAGE_BYTES } from '../src/memory/page.js'
import { RecordedMemory } from '../src/memory/recorded.js'
import type { Address } from '../src/memory/remote-memory.js'

const FIRST_ADDRESS = 0x10_0000

export class FakeMemory extends RecordedMemory {
  readonly #pages: Map<Address, Buffer>
  #next = FIRST_ADDRESS

  constructor() {
    const pages = new Map<Address, Buffer>()
    super(pages)
    this.#pages = pages
  }

  /** Puts `bytes` where nothing is yet, at a multiple of 32, and says where. */
  place(bytes: Uint8Array): Address {
    const address = this.#next
    this.#next = Math.ceil((address + bytes.length + 1) / 32) * 32
    this.placeAt(address, bytes)
    return address
  }

  /** Maps the pages of this range where they are not mapped, and puts `bytes` there. */
  placeAt(address: Address, bytes: Uint8Array): void {
    for (let page = address - (address % PAGE_BYTES); page < address + bytes.length; page += PAGE_BYTES) {
      if (!this.#pages.has(page)) this.#pages.set(page, Buffer.alloc(PAGE_BYTES))
    }
    this.write(address, bytes)
  }
}

/** Bytes of a structure of `size` bytes, all zero but for these words of 8 bytes by offset. */
export function structure(size: number, words: Readonly<Record<number, number | bigint>> = {}): Buffer {
  const bytes = Buffer.alloc(size)
  for (const [offset, value] of Object.entries(words))
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), Number(offset))
  return bytes
}
