// Finds the innermost frame in one copy of a stack that moves. The thread state was copied a moment before the frames,
// so what it says is where to begin: frames that have ended since are empty, and those that have begun lie behind. The
// frames themselves are copied within some ten nanoseconds. Follows Include/internal/pycore_interpframe.h and
// Python/ceval.c at v3.14.0 and v3.15.0: a frame that ends has its code cleared, and a new one is laid down at the end
// of the one that is innermost on the data stack.

import { OWNED_BY_INTERPRETER } from '../../cpython/frame.js'
import type { Address } from '../../memory/remote-memory.js'
import { pointerOf } from '../../memory/scatter.js'
import type { FrameTable } from './frame-table.js'
import type { FrameWords } from './frame-words.js'
import type { StackCopies } from './stack-copies.js'

/** Nobody calls and returns this far while one copy is made. */
const MAX_STEPS = 64
/** Entries from C and generators between two frames of the data stack. */
const MAX_ELSEWHERE = 8

export class InnermostFrame {
  readonly #copies: StackCopies
  readonly #words: FrameWords
  readonly #frames: FrameTable

  constructor(copies: StackCopies, words: FrameWords, frames: FrameTable) {
    this.#copies = copies
    this.#words = words
    this.#frames = frames
  }

  /** The innermost frame in the copy of `slot`, of a thread whose frame was `current`; 0 if it can't be told. */
  find(slot: number, current: Address): Address {
    let frame = current
    for (let step = 0; !this.#isLive(slot, frame); step++) {
      if (step === MAX_STEPS || this.#copies.locate(frame) < 0) return 0
      frame = this.#pointer(slot, frame, this.#words.previous)
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
    if (place < 0) return false
    const at = ((slot * this.#copies.stride) >> 2) + (place >> 2)
    const { words } = this.#copies.buffer
    const owner = ((words[at + this.#words.owner] as number) >>> this.#words.ownerShift) & 0xff
    return owner < OWNED_BY_INTERPRETER && codeOf(pointerOf(words, at + this.#words.code)) !== 0
  }

  /** The frame that lies behind the last one of the data stack at or outside of `frame`, and was called from there. */
  #findNext(slot: number, frame: Address): Address {
    const last = this.#findOnStack(slot, frame)
    if (last === 0) return 0
    const next = last + this.#frames.bytesOf(codeOf(this.#pointer(slot, last, this.#words.code)))
    if (next === last || !this.#copies.isInNewest(next) || !this.#isLive(slot, next)) return 0
    // A frame that ends gives back its locals, which may take long, with the stack pointer set before them.
    if (this.#pointer(slot, next, this.#words.stackPointer) === next + this.#words.locals * 4) return 0
    return this.#findOnStack(slot, this.#pointer(slot, next, this.#words.previous)) === last ? next : 0
  }

  /** `frame` itself if it lies in the newest chunk, else the first one outwards that does, or 0. */
  #findOnStack(slot: number, frame: Address): Address {
    let at = frame
    for (let step = 0; step < MAX_ELSEWHERE; step++) {
      if (this.#copies.isInNewest(at)) return at
      if (this.#copies.locate(at) < 0) return 0
      at = this.#pointer(slot, at, this.#words.previous)
    }
    return 0
  }

  #pointer(slot: number, frame: Address, word: number): Address {
    const place = slot * this.#copies.stride + this.#copies.locate(frame)
    return pointerOf(this.#copies.buffer.words, (place >> 2) + word)
  }
}

/** Without the tag bits; NULL has some as well. */
function codeOf(tagged: Address): Address {
  return tagged - (tagged & 3)
}
