// What the copies of one thread state say, by the slot of a copy.

import type { Address } from '../../../memory/remote-memory.js'
import { pointerOf } from '../../../memory/scatter.js'
import type { StackCopies } from './stack-copies.js'
import type { ThreadLayout } from './thread-layout.js'

/** A thread, as its state names it. */
export interface SampledThread {
  readonly address: Address
  readonly id: bigint
  readonly nativeId: number
}

/** Bits of a thread state's status: finalizing, cleared, finalized. */
const ENDING = (1 << 5) | (1 << 6) | (1 << 7)

export class CopiedThread {
  readonly #copies: StackCopies
  readonly #layout: ThreadLayout
  readonly #nativeId: number
  readonly #idLow: number
  readonly #idHigh: number
  readonly #interpreter: Address

  constructor(copies: StackCopies, layout: ThreadLayout, { id, nativeId }: SampledThread, interpreter: Address) {
    this.#copies = copies
    this.#layout = layout
    this.#nativeId = nativeId
    this.#idLow = Number(id & 0xffffffffn)
    this.#idHigh = Number(id >> 32n)
    this.#interpreter = interpreter
  }

  /** A 32-bit word. */
  word(slot: number, index: number): number {
    return this.#copies.buffer.words[((slot * this.#copies.stride) >> 2) + index] as number
  }

  pointer(slot: number, index: number): Address {
    return pointerOf(this.#copies.buffer.words, ((slot * this.#copies.stride) >> 2) + index)
  }

  /** Whether the state is still that of this thread. */
  isSame(slot: number): boolean {
    const layout = this.#layout
    return (
      this.pointer(slot, layout.interpreter) === this.#interpreter &&
      (this.word(slot, layout.status) & ENDING) === 0 &&
      this.word(slot, layout.nativeId) === this.#nativeId &&
      this.word(slot, layout.threadId) === this.#idLow &&
      this.word(slot, layout.threadId + 1) === this.#idHigh
    )
  }

  currentFrame(slot: number): Address {
    return this.pointer(slot, this.#layout.currentFrame)
  }

  /** 0 where threads have none. */
  baseFrame(slot: number): Address {
    const { baseFrame } = this.#layout
    return baseFrame < 0 ? 0 : this.pointer(slot, baseFrame)
  }

  /** The newest chunk of the data stack. */
  chunk(slot: number): Address {
    return this.pointer(slot, this.#layout.chunk)
  }

  /** The end of what is used of it. */
  chunkTop(slot: number): Address {
    return this.pointer(slot, this.#layout.chunkTop)
  }
}
