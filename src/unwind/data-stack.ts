// A snapshot of a thread's data stack: chunks in which CPython lays the frames of ordinary calls one behind the other.
// Each chunk is copied once, when the first frame in it is asked for; frames that lie elsewhere (generators, the C
// stack) are read one by one. Follows Include/internal/pycore_pystate.h (_PyStackChunk) at v3.14.0.

import { parseFrame, type RawFrame } from '../cpython/frames/frame.js'
import { pointerAt } from '../cpython/pointer.js'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import type { ThreadState } from '../cpython/runtime/interpreter.js'
import type { Address } from '../memory/remote-memory.js'

/** Address of the chunk before, size, top. */
const HEADER_BYTES = 24
const DEFAULT_CHUNK_BYTES = 16 * 1024
/** One frame of a function with very many locals can demand a chunk of its own. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024
const MAX_CHUNKS = 4096

/** A piece of memory that was copied in one go. */
interface Copy {
  readonly start: Address
  readonly bytes: Buffer
}

export class DataStack {
  readonly #runtime: Runtime
  readonly #state: Copy
  readonly #chunks: Copy[] = []
  #next: Address

  /**
   * Copies the live part of the thread's newest chunk at once. `state` is the copy that the thread state was read from:
   * where threads have a frame at their bottom, it lies behind it.
   */
  constructor(runtime: Runtime, { dataStackChunk, dataStackTop }: ThreadState, state: Copy) {
    this.#runtime = runtime
    this.#state = state
    this.#next = dataStackChunk
    const length = dataStackTop - dataStackChunk
    // A thread that has not run any Python has no chunk; a torn top lies anywhere.
    if (dataStackChunk === 0 || !(length >= HEADER_BYTES && length <= MAX_CHUNK_BYTES)) return
    const bytes = runtime.memory.read(dataStackChunk, length)
    this.#chunks.push({ start: dataStackChunk, bytes })
    this.#next = pointerAt(bytes, 0)
  }

  /** The frame at `address`; undefined when the bytes there cannot be one. */
  readFrame(address: Address): RawFrame | undefined {
    const size = this.#runtime.offsets.interpreter_frame.size
    const chunk = this.#holderOf(address, size)
    if (chunk !== undefined) return parseFrame(this.#runtime, address, chunk.bytes, address - chunk.start)
    return parseFrame(this.#runtime, address, this.#runtime.memory.read(address, size), 0)
  }

  #holderOf(address: Address, size: number): Copy | undefined {
    const holds = ({ start, bytes }: Copy): boolean => address >= start && address + size <= start + bytes.length
    if (holds(this.#state)) return this.#state
    const known = this.#chunks.findLast(holds)
    if (known !== undefined) return known
    // Only the innermost chunk not yet copied can hold it, unless it lies in none at all.
    if (this.#next === 0 || this.#chunks.length >= MAX_CHUNKS) return undefined
    if (this.#chunks.length > 0 && !this.#mayHold(this.#next, address)) return undefined
    const chunk = this.#copy(this.#next)
    this.#chunks.push(chunk)
    this.#next = pointerAt(chunk.bytes, 0)
    return holds(chunk) ? chunk : undefined
  }

  #mayHold(chunk: Address, address: Address): boolean {
    return address > chunk && address < chunk + MAX_CHUNK_BYTES
  }

  #copy(start: Address): Copy {
    const { memory } = this.#runtime
    const [whole] = memory.readMany([{ address: start, length: DEFAULT_CHUNK_BYTES }])
    const size = Number((whole ?? memory.read(start, 16)).readBigUInt64LE(8))
    if (whole !== undefined && size === DEFAULT_CHUNK_BYTES) return { start, bytes: whole }
    return { start, bytes: memory.read(start, Math.min(Math.max(size, HEADER_BYTES), MAX_CHUNK_BYTES)) }
  }
}
