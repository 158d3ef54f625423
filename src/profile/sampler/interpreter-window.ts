// The piece of an interpreter's state that every copy brings along: the head of its list of threads, who has the GIL,
// whether garbage is collected, and the count of freed code objects. All of them lie within a kilobyte.

import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import type { InterpreterState } from '../../cpython/runtime/interpreter.js'
import type { Address } from '../../memory/remote-memory.js'
import { type FixedBuffer, type PieceList, pointerOf, type ScatterReader } from '../../memory/scatter.js'

const WORD_BYTES = 4

export class InterpreterWindow {
  readonly #runtime: Runtime
  readonly #state: InterpreterState
  readonly #buffer: FixedBuffer
  readonly #start: number
  readonly #length: number
  /** Indexes of words in the piece. */
  readonly #head: number
  readonly #collecting: number
  /** -1 where that frame is not kept. */
  readonly #collectedFrom: number
  /** The same word before a stack was copied. */
  readonly #before: number
  readonly #generation: WatchedWord
  /** -1 where the GIL is that of another interpreter. */
  readonly #holder: number
  readonly #switches: WatchedWord

  constructor(runtime: Runtime, reader: ScatterReader, state: InterpreterState) {
    this.#runtime = runtime
    this.#state = state
    const { interpreter_state, gc } = runtime.offsets
    const { threads_head, code_object_generation, gil_runtime_state, gil_runtime_state_holder } = interpreter_state
    const collecting = interpreter_state.gc + gc.collecting
    const collectedFrom = gc.frame === undefined ? collecting : interpreter_state.gc + gc.frame
    const switches = interpreter_state.gil_switch_number
    this.#start =
      Math.min(threads_head, collecting, collectedFrom, code_object_generation, gil_runtime_state_holder) & ~7
    this.#length = Math.max(threads_head, collecting, collectedFrom, code_object_generation, switches) + 8 - this.#start
    const toIndex = (offset: number): number => (offset - this.#start) >> 2
    this.#buffer = reader.allocate(this.#length * 2 + WORD_BYTES)
    this.#before = (this.#length * 2) >> 2
    this.#head = toIndex(threads_head)
    this.#collecting = toIndex(collecting)
    this.#collectedFrom = gc.frame === undefined ? -1 : toIndex(collectedFrom)
    this.#generation = new WatchedWord(this.#buffer, toIndex(code_object_generation))
    this.#holder = state.gil === state.address + gil_runtime_state ? toIndex(gil_runtime_state_holder) : -1
    this.#switches = new WatchedWord(this.#buffer, toIndex(switches))
  }

  /** Adds what is read before a stack, for `wasCollecting`. */
  addFirstPiece(pieces: PieceList): void {
    const address = this.#state.address + this.#start + this.#collecting * WORD_BYTES
    pieces.add(address, WORD_BYTES, this.#buffer, this.#before * WORD_BYTES)
  }

  addPiece(pieces: PieceList): void {
    pieces.add(this.#state.address + this.#start, this.#length, this.#buffer, 0)
  }

  /** Adds the piece of a second look, which `useSecondPiece` makes the one that all else here is about. */
  addSecondPiece(pieces: PieceList): void {
    pieces.add(this.#state.address + this.#start, this.#length, this.#buffer, this.#length)
  }

  useSecondPiece(): void {
    this.#buffer.words.copyWithin(0, this.#length >> 2)
  }

  get threadsHead(): Address {
    return pointerOf(this.#buffer.words, this.#head)
  }

  get isCollecting(): boolean {
    return this.#buffer.words[this.#collecting] !== 0
  }

  /** The same before a stack was copied: a collection that begins meanwhile may be of another stack. */
  get wasCollecting(): boolean {
    return this.#buffer.words[this.#before] !== 0
  }

  /** Whether it can be asked in which frame a collection began. */
  get knowsCollectedFrom(): boolean {
    return this.#collectedFrom >= 0
  }

  /** The frame that was innermost when the collection began; 0 where that is not kept. */
  get collectedFrom(): Address {
    return this.#collectedFrom < 0 ? 0 : pointerOf(this.#buffer.words, this.#collectedFrom)
  }

  /** The thread that has the GIL, or had it last. */
  get gilHolder(): Address {
    return pointerOf(this.#buffer.words, this.#holder)
  }

  /** Whether the GIL may have gone from one thread to another since the last call. */
  takeSwitch(): boolean {
    return this.#switches.take() || this.#holder < 0
  }

  /** Whether a code object has been freed since the last call. */
  takeGeneration(): boolean {
    return this.#generation.take()
  }

  /** Whether none has been freed up to now, by a read of its own. */
  isGenerationNow(): boolean {
    const { memory, offsets } = this.#runtime
    const address = this.#state.address + offsets.interpreter_state.code_object_generation
    const [bytes] = memory.readMany([{ address, length: 8 }])
    return bytes !== undefined && this.#generation.is(bytes.readUInt32LE(0), bytes.readUInt32LE(4))
  }
}

/** A count of 64 bits in a buffer that is filled again and again. */
class WatchedWord {
  readonly #buffer: FixedBuffer
  readonly #at: number
  #low = -1
  #high = -1

  constructor(buffer: FixedBuffer, at: number) {
    this.#buffer = buffer
    this.#at = at
  }

  /** Whether it has changed since the last call. */
  take(): boolean {
    const low = this.#buffer.words[this.#at] as number
    const high = this.#buffer.words[this.#at + 1] as number
    if (this.is(low, high)) return false
    this.#low = low
    this.#high = high
    return true
  }

  /** Whether it was this when it was taken last. */
  is(low: number, high: number): boolean {
    return low === this.#low && high === this.#high
  }
}
