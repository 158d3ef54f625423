// The stack of one thread that was proved last: its frames, and the copy that they were found in. Newer copies are
// compared with it, and what is the same needs no second look.

import type { Address } from '../../../memory/remote-memory.js'
import { enlarge } from '../../tables/enlarge.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'
import type { WalkedFrames } from './walked-frames.js'

/** A walk that went past all frames that lie still. */
const NOT_FOUND = -1

export class ProvedStack {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  /** The slot of its copy. */
  slot = 0
  /** Its frames, outermost first: where they lie in the target and in the slot, and the stack that each ends. */
  #addresses = new Float64Array(64)
  #places = new Uint32Array(64)
  #stacks = new Uint32Array(64)
  count = 0
  /** Those of them that lie in no chunk, as indexes. */
  #elsewhere = new Uint32Array(64)
  #elsewhereCount = 0
  /** The part of the chunks in which the frames lie, without the innermost frame if that is the last one. */
  #chunksEnd = 0
  /** How many of the frames, the outermost ones, have lain still from sample to sample. */
  still = 0
  /** As many of them were taken for sure when the newest copy was planned: if they have changed, it lacks something. */
  sure = 0
  /** How many of them, the outermost ones, were there while no garbage was collected; where the innermost was may differ. */
  free = 0

  constructor(copies: StackCopies, frames: CopiedFrames) {
    this.#copies = copies
    this.#frames = frames
  }

  get addresses(): Float64Array {
    return this.#addresses.subarray(0, this.count)
  }

  get innermostPlace(): number {
    return this.#places[this.count - 1] as number
  }

  /** The stack of the outermost `count` frames. */
  stackOf(count: number): number {
    return count === 0 ? 0 : (this.#stacks[count - 1] as number)
  }

  /** The innermost frame has gone on. */
  setStack(stack: number): void {
    this.#stacks[this.count - 1] = stack
  }

  forget(): void {
    this.count = 0
    this.still = 0
    this.free = 0
  }

  /**
   * The entries from C that the next copy can do without: as long as the frame that was called through one lies still,
   * so does it.
   */
  planEntries(): ReadonlySet<Address> {
    this.sure = 0
    const entries = new Set<Address>()
    for (let index = 0; index < Math.min(this.still, this.count) - 1; index++) {
      if (!this.#frames.isEntry(this.slot, this.#places[index] as number)) continue
      entries.add(this.#addresses[index] as Address)
      this.sure = index + 2
    }
    return entries
  }

  /** How many frames of a walk that has met the `still` outermost ones were there while no garbage was collected. */
  freeIn(slot: number, still: number, walk: WalkedFrames): number {
    if (this.free <= still || walk.count === 0) return Math.min(this.free, still)
    // The same call, at another instruction.
    const place = walk.places[walk.count - 1] as number
    const isSame =
      this.#addresses[still] === walk.addresses[walk.count - 1] &&
      this.#frames.codeAt(this.slot, this.#places[still] as number) === this.#frames.codeAt(slot, place)
    return isSame ? still + 1 : still
  }

  /** Whether one of the frames from index `start` to `end` marks an entry from C. */
  hasEntry(start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
      if (this.#frames.isEntry(this.slot, this.#places[index] as number)) return true
    }
    return false
  }

  /** Whether the copy in `slot` has the same frames, of which the innermost is `current` and may have gone on. */
  isIn(slot: number, current: Address): boolean {
    const innermost = this.count - 1
    return (
      innermost >= 0 &&
      this.#addresses[innermost] === current &&
      this.#copies.isEqual(this.slot, slot, this.#copies.chunksAt, this.#chunksEnd) &&
      this.#frames.isSame(this.slot, slot, this.innermostPlace, true) &&
      this.#isSameElsewhere(slot, innermost)
    )
  }

  /** How many of the frames, from the outermost, surely lie in the copy as they did. */
  countStill(slot: number): number {
    const guess = Math.min(this.still, this.count - 1)
    if (this.#isStill(slot, guess)) return guess
    // Half of what was still the last time is worth a second comparison, when it is much.
    if (guess > 32 && this.#isStill(slot, guess >> 1)) return guess >> 1
    return this.count > this.sure && this.#isStill(slot, this.sure) ? this.sure : 0
  }

  /** The index, `from` or further out, of the frame at `address`, or at least of one that lies further out than `place`. */
  skipTo(from: number, place: number): number {
    if (place < this.#copies.chunksAt) return from
    let at = from
    while (at >= 0 && (this.#places[at] as number) > place) at--
    return at
  }

  isAt(index: number, address: Address): boolean {
    return index > NOT_FOUND && this.#addresses[index] === address
  }

  /** The end of the innermost of `count` frames in the chunks, from the start of the chunks. */
  endOf(count: number): number {
    const { chunksAt } = this.#copies
    for (let index = count - 1; index >= 0; index--) {
      const place = this.#places[index] as number
      if (place >= chunksAt) return place - chunksAt + this.#frames.bytes
    }
    return 0
  }

  /** Where the innermost of `count` frames that runs Python code has called; 0 when there is none. */
  callerOf(count: number): Address {
    for (let index = count - 1; index >= 0; index--) {
      const place = this.#places[index] as number
      if (!this.#frames.isEntry(this.slot, place)) return this.#frames.instructionAt(this.slot, place)
    }
    return 0
  }

  /**
   * The frames of a walk, which has met the `still` outermost ones and has been decoded, take the place of the others.
   * The copy is in `slot`, and its frames in the chunks lie before `chunksEnd`.
   */
  replace(slot: number, still: number, walk: WalkedFrames, chunksEnd: number): void {
    const count = still + walk.count
    this.free = this.freeIn(slot, still, walk)
    this.#makeRoom(count)
    this.#keepEntries(slot)
    while (this.#elsewhereCount > 0 && (this.#elsewhere[this.#elsewhereCount - 1] as number) >= still) {
      this.#elsewhereCount--
    }
    // Frames that turn out to be the same as before were still, although nobody had guessed so.
    let same = still
    for (let index = still; index < count; index++) {
      const from = count - 1 - index
      const [address, stack] = [walk.addresses[from] as number, walk.stacks[from] as number]
      const isSame = index < this.count && this.#addresses[index] === address && this.#stacks[index] === stack
      if (same === index && isSame) same++
      this.#addresses[index] = address
      this.#places[index] = walk.places[from] as number
      this.#stacks[index] = stack
      if ((this.#places[index] as number) < this.#copies.chunksAt) this.#elsewhere[this.#elsewhereCount++] = index
    }
    this.still = Math.min(same, count - 1)
    this.count = count
    this.slot = slot
    this.#chunksEnd = chunksEnd
  }

  #isStill(slot: number, count: number): boolean {
    return (
      count > 0 &&
      this.#copies.isEqual(this.slot, slot, this.#copies.chunksAt, this.endOf(count)) &&
      this.#isSameElsewhere(slot, count)
    )
  }

  /** The frames that lie in no chunk, of the outermost `count`. */
  #isSameElsewhere(slot: number, count: number): boolean {
    for (let at = 0; at < this.#elsewhereCount; at++) {
      const index = this.#elsewhere[at] as number
      if (index >= count) return true
      const place = this.#places[index] as number
      if (index < this.sure - 1 && this.#frames.isEntry(this.slot, place)) continue
      if (!this.#frames.isSame(this.slot, slot, place, false)) return false
    }
    return true
  }

  /** The entries that the copy in `slot` lacks are as they were. */
  #keepEntries(slot: number): void {
    for (let index = 0; index < this.sure - 1; index++) {
      const place = this.#places[index] as number
      if (this.#frames.isEntry(this.slot, place)) this.#frames.move(this.slot, slot, place)
    }
  }

  #makeRoom(count: number): void {
    while (this.#addresses.length < count) {
      this.#addresses = enlarge(this.#addresses)
      this.#places = enlarge(this.#places)
      this.#stacks = enlarge(this.#stacks)
      this.#elsewhere = enlarge(this.#elsewhere)
    }
  }
}
