// Where the words that the sampler needs lie in a frame, and what some of their values mean: all that it has to know of
// the target's version for a sample.

import type { Runtime } from '../../../cpython/runtime/find-runtime.js'

/** Where things lie in a frame, as indexes of 32-bit words. */
export interface FrameWords {
  readonly bytes: number
  readonly code: number
  readonly previous: number
  readonly instruction: number
  readonly stackPointer: number
  /** Where the local variables begin. */
  readonly locals: number
  readonly owner: number
  /** The owner is one byte of its word. */
  readonly ownerShift: number
  readonly ownerMask: number
  /** Of a frame without code: this owner or a greater one. */
  readonly firstEntryOwner: number
  readonly lastOwner: number
  /** The low bits of a reference to code, and the least of their values that is none. */
  readonly tagMask: number
  readonly firstMarker: number
  /** How far below the stack pointer of a frame lies the generator that it resumes, in words. */
  readonly resumedBelowTop: number
}

export function frameWordsOf({ offsets, facts }: Runtime): FrameWords {
  const fields = offsets.interpreter_frame
  const { firstEntryOwner, lastOwner, references, awaitedBelowTop } = facts.frames
  const ownerShift = (fields.owner & 3) * 8
  return {
    bytes: (Math.max(fields.executable, fields.previous, fields.instr_ptr, fields.owner & ~3) + 8 + 7) & ~7,
    code: fields.executable >> 2,
    previous: fields.previous >> 2,
    instruction: fields.instr_ptr >> 2,
    stackPointer: fields.stackpointer >> 2,
    locals: fields.localsplus >> 2,
    owner: fields.owner >> 2,
    ownerShift,
    ownerMask: 0xff << ownerShift,
    firstEntryOwner,
    lastOwner,
    tagMask: references.tagMask,
    firstMarker: references.firstMarker,
    resumedBelowTop: awaitedBelowTop >> 2,
  }
}
