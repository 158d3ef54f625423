// Finds the innermost frame in one copy of a stack that moves. The thread state was copied a moment before the frames,
// so what it says is where to begin: frames that have ended since are empty, and those that have begun lie behind. The
// frames themselves are copied within some ten nanoseconds. Follows Include/internal/pycore_interpframe.h and
// Python/ceval.c at v3.14.0 and v3.15.0: a frame that ends has its code cleared, and a new one is laid down at the end
// of the one that is innermost on the data stack.

import type { Address } from '../../memory/remote-memory.js'
import type { CopiedFrames } from './copied-frames.js'
import type { FrameTable } from './frame-table.js'
import type { StackCopies } from './stack-copies.js'

/** Nobody calls and returns this far while one copy is made. */
const MAX_STEPS = 64
/** Entries from C and generators between two frames of the data stack. */
const MAX_ELSEWHERE = 8

export class InnermostFrame {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #table: FrameTable

  constructor(copies: StackCopies, frames: CopiedFrames, table: FrameTable) {
    this.#copies = copies
    this.#frames = frames
    this.#table = table
  }

  /** The innermost frame in the copy of `slot`, of a thread whose frame was `current`; 0 if it can't be told. */
  find(slot: number, current: Address): Address {
    let frame = current
    for (let step = 0; !this.#isLive(slot, frame); step++) {
      const place = this.#copies.locate(frame)
      if (step === MAX_STEPS || place < 0) return 0
      frame = this.#frames.previousAt(slot, place)
    }
    for (let step = 0; step < MAX_STEPS; step++) {
      const next = this.#findNext(slot, frame)
      if (next === 0) return frame
      frame = next
    }
    return 0
  }

  /** A frame that runs Python code and has not ended. */
  #isLive(slot: number, frame: Address): boolean {
    const place = this.#copies.locate(frame)
    return place >= 0 && !this.#frames.isEntry(slot, place) && this.#frames.codeAt(slot, place) !== 0
  }

  /** The frame that lies behind the last one of the data stack at or outside of `frame`, and was called from there. */
  #findNext(slot: number, frame: Address): Address {
    const last = this.#findOnStack(slot, frame)
    if (last === 0) return 0
    const next = last + this.#table.bytesOf(this.#frames.codeAt(slot, this.#copies.locate(last)))
    if (next === last || !this.#copies.isInNewest(next) || !this.#isLive(slot, next)) return 0
    const place = this.#copies.locate(next)
    // A frame that gives back its locals, which may take long, is not the thread's frame any more.
    if (this.#frames.isEnding(slot, place, next)) return 0
    return this.#findOnStack(slot, this.#frames.previousAt(slot, place)) === last ? next : 0
  }

  /** `frame` itself if it lies in the newest chunk, else the first one outwards that does, or 0. */
  #findOnStack(slot: number, frame: Address): Address {
    let at = frame
    for (let step = 0; step < MAX_ELSEWHERE; step++) {
      if (this.#copies.isInNewest(at)) return at
      const place = this.#copies.locate(at)
      if (place < 0) return 0
      at = this.#frames.previousAt(slot, place)
    }
    return 0
  }
}
