// The way outwards in a copy, from the innermost frame up to those that lie as they were proved. What is met on the way
// stays in the list of walked frames. A walk that leaves the copies has the plan changed.

import { OWNED_BY_GENERATOR } from '../../../cpython/frames/frame.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'
import type { CopyPlan } from './copy-plan.js'
import { MOVED } from './no-stack.js'
import type { ProvedStack } from './proved-stack.js'
import type { Resumption, Resumptions } from './resumptions.js'
import type { StackParts } from './stack-parts.js'
import type { WalkedFrames } from './walked-frames.js'

export class StackWalker {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #proved: ProvedStack
  readonly #plan: CopyPlan
  readonly #walked: WalkedFrames
  readonly #resumptions: Resumptions
  /** The end of the walked frames in the chunks, without the innermost frame if that is the last one. */
  end = 0

  constructor({ copies, frames, proved, plan, walked, resumptions }: StackParts) {
    this.#copies = copies
    this.#frames = frames
    this.#proved = proved
    this.#plan = plan
    this.#walked = walked
    this.#resumptions = resumptions
  }

  /**
   * Walks from the frame at `innermost` out to the first one that lies still, or to the thread's base. Returns how many
   * still ones there are further out, or `MOVED`. Generators that did not run when they were copied may be taken for
   * running, as long as their callers are known.
   */
  walk(slot: number, innermost: Address, base: Address, resumes: boolean): number {
    const still = this.#walkOut(slot, innermost, base, resumes)
    if (still < 0 || still >= this.#proved.sure) return still
    // The copy lacks what was taken for sure, and is not.
    this.#plan.correctStill(still)
    return MOVED
  }

  #walkOut(slot: number, innermost: Address, base: Address, resumes: boolean): number {
    const [frames, walked] = [this.#frames, this.#walked]
    let next = this.#proved.countStill(slot) - 1
    let last = 0
    let from = 0
    walked.count = 0
    for (let at = innermost; ; ) {
      // Before 3.15, and in a greenlet, the outermost frame is an entry from C.
      if (at === 0) return frames.isEntryFromC(slot, last) ? 0 : MOVED
      if (at === base) return 0
      const place = this.#copies.locate(at)
      if (place < 0) {
        if (Number.isSafeInteger(at) && at > 0) this.#plan.include(at, walked)
        return MOVED
      }
      next = this.#proved.skipTo(next, place)
      const hasGoneOn = from !== 0 && frames.instructionAt(slot, place) !== from
      if (!hasGoneOn && this.#proved.isAt(next, at)) return next + 1
      if (walked.isFull || !frames.isPossible(slot, place)) return MOVED
      const resumption = this.#findResumption(slot, at, resumes)
      const previous = frames.previousAt(slot, place)
      if (resumption === undefined && this.#isResumedFrom(slot, place, previous)) return MOVED
      last = place
      from = resumption?.instruction ?? 0
      walked.add(at, place, from)
      at = resumption?.caller ?? previous
    }
  }

  /** How the frame at `at` was resumed, if it is a generator's; unless `resumes`, the copy has to have both as they were then. */
  #findResumption(slot: number, at: Address, resumes: boolean): Resumption | undefined {
    const resumption = this.#resumptions.find(slot, at)
    if (resumes || resumption === undefined) return resumption
    const isRunning = this.#frames.previousAt(slot, this.#copies.locate(at)) === resumption.caller
    return isRunning && this.#resumptions.isAtInstruction(slot, resumption) ? resumption : undefined
  }

  /** Whether the frame at `place` is a generator's, and `caller` is what resumed it, with no C code between them. */
  #isResumedFrom(slot: number, place: number, caller: Address): boolean {
    const [copies, frames] = [this.#copies, this.#frames]
    if (place >= copies.chunksAt || frames.ownerAt(slot, place) !== OWNED_BY_GENERATOR) return false
    const from = copies.locate(caller)
    if (from < 0 || frames.isEntry(slot, from)) return false
    // What would tell may not have been copied.
    if (from < copies.chunksAt) this.#plan.lengthen(frames.resumedSlotAt(slot, from, caller) + 8)
    return true
  }

  /**
   * Whether two copies have the same walked frames; the `still` ones further out were compared with the proved stack. The
   * innermost one may have gone on.
   */
  isSame(first: number, second: number, still: number): boolean {
    const [copies, walked] = [this.#copies, this.#walked]
    const stillEnd = this.#proved.endOf(still)
    const { secondFrom } = this.#plan
    // The second copy lacks what was taken for still, and was not.
    if (copies.chunksAt + stillEnd < secondFrom) {
      this.#plan.correctStill(still)
      return false
    }
    let end = stillEnd
    for (let index = 0; index < walked.count; index++) {
      const place = walked.places[index] as number
      const innermost = index === 0
      const inChunk = place >= copies.chunksAt
      if (inChunk) end = Math.max(end, place - copies.chunksAt + (innermost ? 0 : this.#frames.bytes))
      if ((innermost || !inChunk) && !this.#frames.isSame(first, second, place, innermost)) return false
    }
    this.end = end
    return copies.isEqual(first, second, secondFrom, copies.chunksAt + end - secondFrom)
  }
}
