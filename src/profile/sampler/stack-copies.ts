// Where the pieces of one thread's stack go: its thread state, the chunks of its data stack, and the frames that lie
// elsewhere (generators, entries from C). There are three slots for them: one holds the last stack that was proved,
// the others take new copies, which are compared with each other and with it. What is read is planned from the sample
// before; a stack that does not fit the plan changes it and is read again.

import type { Runtime } from '../../cpython/find-runtime.js'
import type { Address, MemoryRange } from '../../memory/remote-memory.js'
import type { FixedBuffer, PieceList, ScatterReader } from '../../memory/scatter.js'
import type { ThreadLayout } from './thread-layout.js'

const SLOTS = 3
/** Address of the chunk before, size, top. */
const HEADER_BYTES = 24
const PAGE_BYTES = 4096
/** One frame of a function with very many locals can demand a chunk of its own. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024
const MAX_CHUNKS = 8192
const MAX_FRAMES_ELSEWHERE = 20_000
const ROOM_FOR_FRAMES_ELSEWHERE = 16

export class StackCopies {
  readonly #reader: ScatterReader
  readonly #runtime: Runtime
  readonly #layout: ThreadLayout
  readonly #thread: Address
  readonly #frameBytes: number
  buffer: FixedBuffer
  /** Bytes from slot to slot. */
  stride = 0
  /** The newest chunk: where it lies, how much of it is copied, and where in a slot. */
  chunk: Address = 0
  chunkBytes = 0
  chunkAt = 0
  #chunkRoom = 0
  #older: readonly MemoryRange[] = []
  /** All older chunks lie in one row in a slot, oldest last. */
  olderAt = 0
  olderBytes = 0
  #nearStart: Address = 0
  #nearBytes = 0
  #nearAt = 0
  #elsewhereAt = 0
  readonly #elsewhere = new Map<Address, number>()

  constructor(reader: ScatterReader, runtime: Runtime, layout: ThreadLayout, thread: Address) {
    this.#reader = reader
    this.#runtime = runtime
    this.#layout = layout
    this.#thread = thread
    this.#frameBytes = runtime.offsets.interpreter_frame.size
    this.buffer = reader.allocate(8)
    this.#arrange([])
  }

  /** Puts one copy of everything into `slot`. */
  addPieces(pieces: PieceList, slot: number): void {
    const base = slot * this.stride
    pieces.add(this.#thread, this.#layout.bytes, this.buffer, base)
    if (this.chunkBytes > 0) pieces.add(this.chunk, this.chunkBytes, this.buffer, base + this.chunkAt)
    let at = base + this.olderAt
    for (const { address, length } of this.#older) {
      pieces.add(address, length, this.buffer, at)
      at += length
    }
    for (const [address, offset] of this.#elsewhere) pieces.add(address, this.#frameBytes, this.buffer, base + offset)
  }

  /** Where in a slot the frame at `address` lies, in bytes; -1 when it is not among the copies. */
  locate(address: Address): number {
    const offset = address - this.chunk
    if (offset >= HEADER_BYTES && offset + this.#frameBytes <= this.chunkBytes) return this.chunkAt + offset
    // A walk goes outwards, so that the chunk that held the frame before holds most of the others.
    const near = address - this.#nearStart
    if (near >= HEADER_BYTES && near + this.#frameBytes <= this.#nearBytes) return this.#nearAt + near
    if (this.#findOlder(address)) return this.#nearAt + address - this.#nearStart
    return this.#elsewhere.get(address) ?? -1
  }

  #findOlder(address: Address): boolean {
    let at = this.olderAt
    for (const { address: start, length } of this.#older) {
      if (address >= start + HEADER_BYTES && address + this.#frameBytes <= start + length) {
        this.#nearStart = start
        this.#nearBytes = length
        this.#nearAt = at
        return true
      }
      at += length
    }
    return false
  }

  /** Whether a place in a slot is one of a frame that lies in no chunk. */
  isElsewhere(at: number): boolean {
    return at >= this.#elsewhereAt
  }

  isEqual(slotA: number, slotB: number, at: number, length: number): boolean {
    return this.#reader.isEqual(this.buffer, slotA * this.stride + at, slotB * this.stride + at, length)
  }

  /** Plans for the newest chunk as it is now. Returns whether everything in the slots has become void. */
  follow(chunk: Address, top: Address): boolean {
    const length = top - chunk
    const isChunk = chunk !== 0 && length >= HEADER_BYTES && length <= MAX_CHUNK_BYTES
    // A little more than the thread needs now, but no page of memory that it does not.
    const bytes = isChunk ? Math.min((length + 512 + 7) & ~7, roundUp(length, PAGE_BYTES)) : 0
    if (isChunk && chunk === this.chunk && bytes <= this.#chunkRoom) {
      this.chunkBytes = Math.max(bytes, this.chunkBytes)
      return false
    }
    this.chunk = isChunk ? chunk : 0
    this.chunkBytes = bytes
    this.#chunkRoom = roundUp(bytes, PAGE_BYTES)
    this.#older = isChunk ? this.#readOlderChunks(chunk) : []
    this.#arrange([...this.#elsewhere.keys()])
    return true
  }

  /** Plans for one more frame that lies in no chunk; `used` are those that were met on the way to it. */
  include(address: Address, used: readonly Address[]): boolean {
    if (this.#elsewhere.size >= MAX_FRAMES_ELSEWHERE) return false
    const end = this.#elsewhereAt + (this.#elsewhere.size + 1) * this.#frameBytes
    if (end <= this.stride) this.#elsewhere.set(address, end - this.#frameBytes)
    else this.#arrange([...new Set([...used, address])])
    return true
  }

  /** Forgets all that may not be there any more. */
  reset(): void {
    this.chunk = 0
    this.chunkBytes = 0
    this.#chunkRoom = 0
    this.#older = []
    this.#arrange([])
  }

  #arrange(elsewhere: readonly Address[]): void {
    this.chunkAt = (this.#layout.bytes + 7) & ~7
    this.olderAt = this.chunkAt + this.#chunkRoom
    this.olderBytes = this.#older.reduce((sum, { length }) => sum + length, 0)
    this.#elsewhereAt = this.olderAt + this.olderBytes
    this.#nearBytes = 0
    this.#elsewhere.clear()
    for (const address of elsewhere) {
      this.#elsewhere.set(address, this.#elsewhereAt + this.#elsewhere.size * this.#frameBytes)
    }
    const room = elsewhere.length * 2 + ROOM_FOR_FRAMES_ELSEWHERE
    this.stride = this.#elsewhereAt + room * this.#frameBytes
    this.buffer = this.#reader.allocate(this.stride * SLOTS)
  }

  #readOlderChunks(newest: Address): MemoryRange[] {
    const { memory } = this.#runtime
    const chunks: MemoryRange[] = []
    let [header] = memory.readMany([{ address: newest, length: HEADER_BYTES }])
    while (header !== undefined && chunks.length < MAX_CHUNKS) {
      const address = Number(header.readBigUInt64LE(0))
      if (address === 0) break
      ;[header] = memory.readMany([{ address, length: HEADER_BYTES }])
      if (header === undefined) break
      // `top` counts words, and is kept for all chunks but the newest.
      const length = HEADER_BYTES + Number(header.readBigUInt64LE(16)) * 8
      if (!(length >= HEADER_BYTES && length <= MAX_CHUNK_BYTES)) break
      chunks.push({ address, length })
    }
    return chunks
  }
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit
}
