// What the frames in the copies of one thread's stack say: a frame is given by its slot and its place there, in bytes.

import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerOf } from '../../../memory/scatter.js'
import { type FrameWords, frameWordsOf } from './frame-words.js'
import type { StackCopies } from './stack-copies.js'

export class CopiedFrames {
  readonly #copies: StackCopies
  readonly #words: FrameWords
  /** What is copied of a frame at least. */
  readonly bytes: number

  constructor(copies: StackCopies, runtime: Runtime) {
    this.#copies = copies
    this.#words = frameWordsOf(runtime)
    this.bytes = this.#words.bytes
  }

  /** The code object, without the tag bits; NULL has some as well. */
  codeAt(slot: number, place: number): Address {
    const tagged = this.#pointer(slot, place, this.#words.code)
    return tagged - (tagged & this.#words.tagMask)
  }

  previousAt(slot: number, place: number): Address {
    return this.#pointer(slot, place, this.#words.previous)
  }

  instructionAt(slot: number, place: number): Address {
    return this.#pointer(slot, place, this.#words.instruction)
  }

  ownerAt(slot: number, place: number): number {
    const word = this.#copies.buffer.words[this.#at(slot, place) + this.#words.owner] as number
    return (word >>> this.#words.ownerShift) & 0xff
  }

  /** Whether the frame has no code: it marks an entry from C, or is the base of a thread. */
  isEntry(slot: number, place: number): boolean {
    return this.ownerAt(slot, place) >= this.#words.firstEntryOwner
  }

  /** Whether it marks an entry from C: the base of a thread has no instruction. */
  isEntryFromC(slot: number, place: number): boolean {
    return this.isEntry(slot, place) && this.instructionAt(slot, place) !== 0
  }

  /** Whether it can be a frame at all. */
  isPossible(slot: number, place: number): boolean {
    const code = this.#copies.buffer.words[this.#at(slot, place) + this.#words.code] as number
    return this.ownerAt(slot, place) <= this.#words.lastOwner && (code & this.#words.tagMask) < this.#words.firstMarker
  }

  /** Whether the stack pointer of the frame at `address` stands before the first of its variables. */
  isBeforeVariables(slot: number, place: number, address: Address): boolean {
    return this.#pointer(slot, place, this.#words.stackPointer) === address + this.#words.locals * 4
  }

  /** Where the frame at `address` keeps the generator that it is about to resume or has resumed, in bytes from its start. */
  resumedSlotAt(slot: number, place: number, address: Address): number {
    return this.#pointer(slot, place, this.#words.stackPointer) - address - this.#words.resumedBelowTop * 4
  }

  /**
   * Whether the frame at `address` has `object` in that place of its evaluation stack, below where that ended when it was
   * written down last.
   */
  holds(slot: number, place: number, address: Address, { at, object }: { at: number; object: Address }): boolean {
    const { stackPointer, locals, tagMask } = this.#words
    if (!(at >= locals * 4 && at + 8 <= this.#copies.copiedFrom(address) && at % 8 === 0)) return false
    if (this.#pointer(slot, place, stackPointer) < address + at + 8) return false
    const tagged = this.#pointer(slot, place, at >> 2)
    return tagged - (tagged & tagMask) === object
  }

  /** Whether two copies of a frame are the same; the instruction of the innermost one may differ. */
  isSame(slotA: number, slotB: number, place: number, innermost: boolean): boolean {
    const { words } = this.#copies.buffer
    const { code, previous, instruction, owner, ownerMask } = this.#words
    const [a, b] = [this.#at(slotA, place), this.#at(slotB, place)]
    return (
      words[a + code] === words[b + code] &&
      words[a + code + 1] === words[b + code + 1] &&
      words[a + previous] === words[b + previous] &&
      words[a + previous + 1] === words[b + previous + 1] &&
      (((words[a + owner] as number) ^ (words[b + owner] as number)) & ownerMask) === 0 &&
      (innermost ||
        (words[a + instruction] === words[b + instruction] &&
          words[a + instruction + 1] === words[b + instruction + 1]))
    )
  }

  move(fromSlot: number, toSlot: number, place: number): void {
    const from = this.#at(fromSlot, place)
    this.#copies.buffer.words.copyWithin(this.#at(toSlot, place), from, from + (this.bytes >> 2))
  }

  #pointer(slot: number, place: number, word: number): Address {
    return pointerOf(this.#copies.buffer.words, this.#at(slot, place) + word)
  }

  /** Index of the first word of a frame. */
  #at(slot: number, place: number): number {
    return (slot * this.#copies.stride + place) >> 2
  }
}
