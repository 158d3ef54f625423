// Finds the innermost frame in one copy of a stack that moves. The thread state was copied a moment before the frames,
// and a short call takes less than that: so what it says is only where to begin. Frames that have ended since are empty,
// and those that have begun lie behind. The frames themselves are copied within some ten nanoseconds. A call is thus found
// as often as it lasts. Follows Include/internal/pycore_interpframe.h and Python/ceval.c at v3.14.0 and v3.15.0: a frame
// is taken off the thread before it gives back its variables and, at last, its code; a new one is laid down at the end of
// the one that is innermost on the data stack. Frames of generators lie elsewhere: while one runs, it knows its caller.

import { OWNED_BY_GENERATOR } from '../../../cpython/frames/frame.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'
import type { FrameTable } from './frame-table.js'
import type { Resumptions } from './resumptions.js'
import type { StackParts } from './stack-parts.js'

/** Nobody calls and returns this far while one copy is made. */
const MAX_STEPS = 64
/** Entries from C and generators between two frames of the data stack. */
const MAX_ELSEWHERE = 1000
/** Generators that are looked at: those that ran last. */
const GENERATORS = 4

export const LOST = -1

export class InnermostFrame {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #table: FrameTable
  readonly #resumptions: Resumptions
  /** Frames of generators that were found running, and who had called them. */
  readonly #generators = new Float64Array(GENERATORS)
  readonly #callers = new Float64Array(GENERATORS)
  /** How many of these there are, and where the next pair goes. */
  #known = 0
  #oldest = 0

  constructor({ copies, frames, resumptions }: StackParts, table: FrameTable) {
    this.#copies = copies
    this.#frames = frames
    this.#table = table
    this.#resumptions = resumptions
  }

  /**
   * The innermost frame in the copy of `slot`, of a thread whose frame was `current`; 0 if it can't be told, and `LOST` if it
   * was a generator's whose caller can't be told: another moment would not stand for that.
   */
  find(slot: number, current: Address): Address {
    let frame = current
    if (this.#resumptions.isLost(slot, current)) return LOST
    for (let step = 0; !this.#isLive(slot, frame) && !this.#isResumed(slot, frame); step++) {
      const place = this.#copies.locate(frame)
      if (step === MAX_STEPS || place < 0) return 0
      frame = this.#frames.previousAt(slot, place) || this.#callerOf(frame)
    }
    for (let step = 0; step < MAX_STEPS; step++) {
      this.#remember(slot, frame)
      const next = this.#findNext(slot, frame) || this.#findGenerator(slot, frame)
      if (next === 0) return frame
      frame = next
    }
    return 0
  }

  /**
   * Whether the thread, in `current` at the time of two copies, may be in there, although `found` is the innermost frame
   * in the first: what both of them have just so was left behind.
   */
  mayBe(current: Address, found: Address, [first, second]: readonly [number, number]): boolean {
    if (found === current || found === 0 || found === LOST) return true
    return this.find(second, current) === found && this.#frames.isSame(first, second, this.#copies.locate(found), false)
  }

  /** A frame that runs Python code and has not begun to end. */
  #isLive(slot: number, frame: Address): boolean {
    const place = this.#copies.locate(frame)
    if (place < 0 || this.#frames.isEntry(slot, place)) return false
    const address = this.#frames.codeAt(slot, place)
    if (address === 0) return false
    if (this.#frames.ownerAt(slot, place) === OWNED_BY_GENERATOR) return this.#frames.previousAt(slot, place) !== 0
    if (!this.#frames.isBeforeVariables(slot, place, frame)) return true
    // So it is as well before its first instruction, and always where there are none.
    const code = this.#table.codeOf(address)
    return code?.variableCount === 0 || code?.copies[0] === this.#frames.instructionAt(slot, place)
  }

  /** Whether it is a generator whose caller is known: then the thread state alone tells when the thread was in it. */
  #isResumed(slot: number, frame: Address): boolean {
    return this.#resumptions.find(slot, frame) !== undefined
  }

  /** The frame that lies behind the last one of the data stack at or outside of `frame`, and was called from there. */
  #findNext(slot: number, frame: Address): Address {
    const last = this.#findOnStack(slot, frame)
    if (last === 0) return 0
    const code = this.#table.codeOf(this.#frames.codeAt(slot, this.#copies.locate(last)))
    const next = last + (code?.frameBytes ?? 0)
    if (next === last || !this.#copies.isInNewest(next) || !this.#isLive(slot, next)) return 0
    const place = this.#copies.locate(next)
    // 3.15 leaves such a frame behind when it has moved into the generator.
    if (this.#table.codeOf(this.#frames.codeAt(slot, place))?.makesGenerator) return 0
    return this.#findOnStack(slot, this.#frames.previousAt(slot, place)) === last ? next : 0
  }

  /** The generator that runs, called from `frame` or through others from there; 0 if none of those that are known does. */
  #findGenerator(slot: number, frame: Address): Address {
    for (let index = 0; index < this.#known; index++) {
      const generator = this.#generators[index] as number
      if (generator === frame || !this.#isLive(slot, generator) || this.#isResumed(slot, generator)) continue
      if (this.#isCalledFrom(slot, generator, frame)) return generator
    }
    return 0
  }

  #isCalledFrom(slot: number, generator: Address, frame: Address): boolean {
    let at = generator
    for (let step = 0; step < MAX_ELSEWHERE && at !== frame; step++) {
      const place = this.#copies.locate(at)
      if (place < 0 || this.#copies.isInNewest(at)) return false
      at = this.#frames.previousAt(slot, place)
    }
    return at === frame
  }

  /** Who has called the generator with that frame the last time it was found running. */
  #callerOf(generator: Address): Address {
    const index = this.#generators.indexOf(generator)
    return index < 0 ? 0 : (this.#callers[index] as number)
  }

  #remember(slot: number, frame: Address): void {
    if (this.#copies.isInNewest(frame)) return
    const place = this.#copies.locate(frame)
    if (this.#frames.ownerAt(slot, place) !== OWNED_BY_GENERATOR) return
    let index = this.#generators.indexOf(frame)
    if (index < 0) {
      index = this.#oldest
      this.#oldest = (index + 1) % GENERATORS
      this.#known = Math.max(this.#known, index + 1)
    }
    this.#generators[index] = frame
    this.#callers[index] = this.#frames.previousAt(slot, place)
  }

  /** `frame` itself if it lies in the newest chunk, else the first one outwards that does, or 0. */
  #findOnStack(slot: number, frame: Address): Address {
    let at = frame
    for (let step = 0; step < MAX_ELSEWHERE; step++) {
      if (this.#copies.isInNewest(at)) return at
      const place = this.#copies.locate(at)
      if (place < 0) return 0
      at = this.#resumptions.find(slot, at)?.caller ?? this.#frames.previousAt(slot, place)
    }
    return 0
  }
}
