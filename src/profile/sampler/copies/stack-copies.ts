// Where the pieces of one thread's stack go: its thread state, the frames that lie elsewhere (generators, entries from
// C), and the chunks of its data stack, the outermost first. There are three slots for them: one holds the last stack
// that was proved, the others take new copies, which are compared with each other and with it. What is read is planned
// from the sample before; a stack that does not fit the plan changes it and is read again. A chunk keeps its place as
// long as it is on the stack, so that deep recursion costs what changes, and a copy.
// Follows Include/internal/pycore_pystate.h (_PyStackChunk) at v3.14.0.

import { pointerAt } from '../../../cpython/pointer.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import { PAGE_BYTES } from '../../../memory/page.js'
import type { Address } from '../../../memory/remote-memory.js'
import { type FixedBuffer, type PieceList, pointerOf, type ScatterReader } from '../../../memory/scatter.js'
import type { ThreadLayout } from './thread-layout.js'

export const SLOTS = 3
/** Address of the chunk before, size, top. */
const HEADER_BYTES = 24
/** One frame of a function with very many locals can demand a chunk of its own. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024
const MAX_CHUNKS = 8192
const MAX_FRAMES_ELSEWHERE = 20_000
const ROOM_FOR_FRAMES_ELSEWHERE = 16
/** What is copied of one of them, at first and at most: with some of its variables, and what it works on. */
const ELSEWHERE_BYTES = 256
const MAX_ELSEWHERE_BYTES = 16 * 1024
/** How far a thread may get before it is copied that has left a chunk while the plan was made. */
const HURRY_BYTES = 16 * 1024
/** How often a plan is made anew for a thread that has left its newest chunk meanwhile. */
const MAX_PLANS = 8

interface Chunk {
  readonly address: Address
  readonly size: number
  /** Where in a slot. */
  readonly at: number
}

/** A frame that lies in no chunk. */
interface Elsewhere {
  /** Where in a slot. */
  at: number
  /** How much is copied. */
  readonly length: number
  /** Whether a stack had it since the others were forgotten last. */
  used: boolean
}

export class StackCopies {
  readonly #reader: ScatterReader
  readonly #runtime: Runtime
  readonly #layout: ThreadLayout
  readonly #thread: Address
  readonly #frameBytes: number
  readonly #elsewhere = new Map<Address, Elsewhere>()
  readonly #elsewhereAt: number
  #elsewhereBytes = ELSEWHERE_BYTES
  #chunks: Chunk[] = []
  /** The chunk that was asked for last: a walk meets most frames of one chunk in a row. */
  #near: Chunk = NO_CHUNK
  #newest: Chunk = NO_CHUNK
  /** How much of the newest chunk is copied; all of the others. */
  #newestBytes = 0
  buffer: FixedBuffer
  /** Bytes from slot to slot. */
  stride = 0
  /** Where the chunks begin in a slot; before it are the frames that lie elsewhere. */
  chunksAt = 0

  constructor(reader: ScatterReader, runtime: Runtime, layout: ThreadLayout, thread: Address) {
    this.#reader = reader
    this.#runtime = runtime
    this.#layout = layout
    this.#thread = thread
    this.#frameBytes = runtime.offsets.interpreter_frame.size
    this.#elsewhereAt = (layout.bytes + 7) & ~7
    this.buffer = reader.allocate(8)
    this.reset()
  }

  /** Puts one copy of everything into `slot`, but for chunks that end before `from`, and frames elsewhere of `without`. */
  addPieces(pieces: PieceList, slot: number, without: ReadonlySet<Address>, from = 0): void {
    const base = slot * this.stride
    for (const chunk of this.#chunks) {
      const { address, size, at } = chunk
      if (chunk !== this.#newest && at + size > from) pieces.add(address, size, this.buffer, base + at)
    }
    // What changes most, side by side.
    pieces.add(this.#thread, this.#layout.bytes, this.buffer, base)
    const { address: newest, size, at: newestAt } = this.#newest
    if (newest !== 0 && newestAt + size > from) pieces.add(newest, this.#newestBytes, this.buffer, base + newestAt)
    for (const [address, { at, length }] of this.#elsewhere) {
      if (!without.has(address)) pieces.add(address, length, this.buffer, base + at)
    }
  }

  /** Where the chunk begins that holds a place in a slot. */
  chunkStart(place: number): number {
    let start = this.chunksAt
    for (const { at } of this.#chunks) if (at <= place) start = at
    return start
  }

  /** Whether the frame at `address` lies in the copied part of the newest chunk. */
  isInNewest(address: Address): boolean {
    const inNewest = address - this.#newest.address
    return inNewest >= HEADER_BYTES && inNewest + this.#frameBytes <= this.#newestBytes
  }

  /** How much is copied from `address` on, where a frame lies. */
  copiedFrom(address: Address): number {
    if (this.isInNewest(address)) return this.#newest.address + this.#newestBytes - address
    if (this.#isIn(this.#near, address)) return this.#near.address + this.#near.size - address
    return this.#elsewhere.get(address)?.length ?? 0
  }

  /** Where in a slot the frame at `address` lies, in bytes; -1 when it is not among the copies. */
  locate(address: Address): number {
    if (this.isInNewest(address)) return this.#newest.at + address - this.#newest.address
    if (!this.#isIn(this.#near, address)) this.#near = this.#findChunk(address)
    if (this.#near !== NO_CHUNK) return this.#near.at + address - this.#near.address
    return this.#elsewhere.get(address)?.at ?? -1
  }

  #findChunk(address: Address): Chunk {
    for (let index = this.#chunks.length - 2; index >= 0; index--) {
      const chunk = this.#chunks[index] as Chunk
      if (this.#isIn(chunk, address)) return chunk
    }
    return NO_CHUNK
  }

  #isIn({ address: start, size }: Chunk, address: Address): boolean {
    return address >= start + HEADER_BYTES && address + this.#frameBytes <= start + size
  }

  isEqual(slotA: number, slotB: number, at: number, length: number): boolean {
    return length <= 0 || this.#reader.isEqual(this.buffer, slotA * this.stride + at, slotB * this.stride + at, length)
  }

  /** Whether a copy in `slot`, with this newest chunk and this end of it, is all that is needed. */
  fits(slot: number, chunk: Address, top: Address): boolean {
    if (chunk !== this.#newest.address || top > chunk + this.#newestBytes) return false
    const before = this.#chunks.at(-2)?.address ?? 0
    return chunk === 0 || pointerOf(this.buffer.words, (slot * this.stride + this.#newest.at) >> 2) === before
  }

  /**
   * Plans for the newest chunk as it is now: what a copy says of it is as old as it took to copy the rest, and a thread
   * in a hurry leaves a chunk within some microseconds. Returns whether everything in the slots has become void.
   */
  follow(): boolean {
    let isVoid = false
    for (let plans = 0; plans < MAX_PLANS; plans++) {
      const [chunk, top] = this.#readNewest()
      if (plans > 0 && chunk === this.#newest.address) break
      if (this.#planFor(chunk, top, plans > 0)) isVoid = true
    }
    return isVoid
  }

  #planFor(chunk: Address, top: Address, inHurry: boolean): boolean {
    this.#chunks = this.#readChunks(chunk)
    this.#near = NO_CHUNK
    this.#newest = this.#chunks.at(-1) ?? NO_CHUNK
    const { size, at } = this.#newest
    const length = Math.min(Math.max(top - chunk, HEADER_BYTES), size)
    // A little more than the thread needs now, but no page of memory that it does not, unless it is about to.
    const end = inHurry ? length + HURRY_BYTES : Math.min(length + 512, roundUp(length, PAGE_BYTES))
    this.#newestBytes = Math.min((end + 7) & ~7, size)
    return at + size > this.stride && this.#makeRoom(at + size)
  }

  /** Plans for one more frame that lies in no chunk. Returns whether everything in the slots has become void. */
  include(address: Address): boolean {
    if (this.#elsewhere.size >= MAX_FRAMES_ELSEWHERE) return false
    const at = this.#elsewhereAt + this.#elsewhere.size * this.#elsewhereBytes
    // The rest of it may lie where nothing is any more.
    const [whole] = this.#runtime.memory.readMany([{ address, length: this.#elsewhereBytes }])
    const length = whole === undefined ? this.#frameBytes : this.#elsewhereBytes
    this.#elsewhere.set(address, { at, length, used: true })
    if (at + this.#elsewhereBytes <= this.chunksAt) return false
    this.#arrange()
    return true
  }

  /** Plans for so much of each frame that lies in no chunk. Returns whether everything in the slots has become void. */
  lengthenElsewhere(bytes: number): boolean {
    if (!(bytes > this.#elsewhereBytes && bytes <= MAX_ELSEWHERE_BYTES)) return false
    while (this.#elsewhereBytes < bytes) this.#elsewhereBytes *= 2
    this.#elsewhere.clear()
    this.#arrange()
    return true
  }

  /** A stack has the frame at `address`. */
  use(address: Address): void {
    const frame = this.#elsewhere.get(address)
    if (frame !== undefined) frame.used = true
  }

  /** Forgets the frames elsewhere that no stack has had since this was called last. */
  forgetUnused(): void {
    for (const [address, frame] of this.#elsewhere) {
      if (!frame.used) this.#elsewhere.delete(address)
      frame.used = false
    }
    this.#arrange()
  }

  get elsewhereCount(): number {
    return this.#elsewhere.size
  }

  /** Forgets all that may not be there any more. */
  reset(): void {
    this.#elsewhere.clear()
    this.#chunks = []
    this.#newest = NO_CHUNK
    this.#newestBytes = 0
    this.#arrange()
  }

  #arrange(): void {
    let at = this.#elsewhereAt
    for (const frame of this.#elsewhere.values()) {
      frame.at = at
      at += this.#elsewhereBytes
    }
    this.chunksAt = at + (this.#elsewhere.size + ROOM_FOR_FRAMES_ELSEWHERE) * this.#elsewhereBytes
    let next = this.chunksAt
    this.#chunks = this.#chunks.map((chunk) => {
      next += chunk.size
      return { ...chunk, at: next - chunk.size }
    })
    this.#near = NO_CHUNK
    this.#newest = this.#chunks.at(-1) ?? NO_CHUNK
    this.#makeRoom(next)
  }

  #makeRoom(bytes: number): true {
    this.stride = roundUp(bytes * 1.25, PAGE_BYTES)
    this.buffer = this.#reader.allocate(this.stride * SLOTS)
    return true
  }

  #readNewest(): [chunk: Address, top: Address] {
    const { chunk, chunkTop } = this.#layout
    const start = Math.min(chunk, chunkTop) * 4
    const [bytes] = this.#runtime.memory.readMany([
      { address: this.#thread + start, length: Math.abs(chunk - chunkTop) * 4 + 8 },
    ])
    return bytes === undefined ? [0, 0] : [pointerAt(bytes, chunk * 4 - start), pointerAt(bytes, chunkTop * 4 - start)]
  }

  /** The chunks out from `newest`, the outermost first. Those that are known already keep their places. */
  #readChunks(newest: Address): Chunk[] {
    const { memory } = this.#runtime
    const added: { address: Address; size: number }[] = []
    let known = -1
    for (let address = newest; address !== 0 && added.length < MAX_CHUNKS; ) {
      known = this.#chunks.findLastIndex((chunk) => chunk.address === address)
      const [header] = memory.readMany([{ address, length: HEADER_BYTES }])
      if (header === undefined) break
      const [before, size] = [pointerAt(header, 0), pointerAt(header, 8)]
      if (known >= 0 && before === (this.#chunks[known - 1]?.address ?? 0)) break
      known = -1
      if (!(size >= HEADER_BYTES && size <= MAX_CHUNK_BYTES)) break
      added.push({ address, size })
      address = before
    }
    const chunks = this.#chunks.slice(0, known + 1)
    let at = known < 0 ? this.chunksAt : (chunks[known] as Chunk).at + (chunks[known] as Chunk).size
    for (const { address, size } of added.reverse()) {
      chunks.push({ address, size, at })
      at += size
    }
    return chunks
  }
}

const NO_CHUNK: Chunk = { address: 0, size: 0, at: 0 }

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit
}
