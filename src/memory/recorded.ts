// Memory of a target as it once was: pages that were copied from a live process and now lie in an image on disk
// (`image.ts`), or that a test has made up. Tests and bug reports use it; no command does. Pages that nobody copied
// cannot be read. Writes stay in this object, so that one image serves many tests.

import { RemoraError } from '../errors/remora-error.js'
import { PAGE_BYTES } from './page.js'
import { type Address, MAX_READ_BYTES, type MemoryRange, type RemoteMemory } from './remote-memory.js'

/** Whole pages by the address of their first byte. */
export type Pages = ReadonlyMap<Address, Buffer>

export class RecordedMemory implements RemoteMemory {
  readonly #pages: Pages
  readonly #written = new Map<Address, Buffer>()

  constructor(pages: Pages) {
    this.#pages = pages
  }

  read(address: Address, length: number): Buffer {
    const bytes = this.#tryRead(address, length)
    if (bytes === undefined) throw notRecorded(address, length)
    return bytes
  }

  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    return ranges.map(({ address, length }) => this.#tryRead(address, length))
  }

  write(address: Address, bytes: Uint8Array): void {
    if (this.#tryRead(address, bytes.length) === undefined) throw notRecorded(address, bytes.length)
    for (const { page, from, at, count } of pieces(address, bytes.length)) {
      this.#ownPage(page).set(bytes.subarray(at, at + count), from)
    }
  }

  close(): void {}

  #tryRead(address: Address, length: number): Buffer | undefined {
    if (!(length >= 0 && length <= MAX_READ_BYTES)) return undefined
    if (!(Number.isSafeInteger(address) && address > 0)) return undefined
    const parts: Buffer[] = []
    for (const { page, from, count } of pieces(address, length)) {
      const bytes = this.#written.get(page) ?? this.#pages.get(page)
      if (bytes === undefined) return undefined
      parts.push(bytes.subarray(from, from + count))
    }
    // A copy, as a live process gives one: who keeps it must not see later writes.
    return Buffer.concat(parts, length)
  }

  #ownPage(page: Address): Buffer {
    const own = this.#written.get(page) ?? Buffer.from(this.#pages.get(page) as Buffer)
    this.#written.set(page, own)
    return own
  }
}

/** The parts of a range that lie in one page each: `from` counts in the page, `at` in the range. */
function* pieces(address: Address, length: number) {
  for (let at = 0; at < length; ) {
    const from = (address + at) % PAGE_BYTES
    const count = Math.min(PAGE_BYTES - from, length - at)
    yield { page: address + at - from, from, at, count }
    at += count
  }
}

function notRecorded(address: Address, length: number): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `${length} bytes at 0x${address.toString(16)} were not recorded`, {
    address,
    length,
  })
}
