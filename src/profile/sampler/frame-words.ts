// Where the words that the sampler needs lie in a frame. Follows Include/internal/pycore_interpframe_structs.h at
// v3.14.0 and v3.15.0.

import { OWNED_BY_C_STACK, OWNED_BY_INTERPRETER } from '../../cpython/frames/frame.js'
import type { Runtime } from '../../cpython/runtime/find-runtime.js'

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
  readonly maxOwner: number
}

export function frameWordsOf({ offsets, version }: Runtime): FrameWords {
  const fields = offsets.interpreter_frame
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
    maxOwner: version.minor >= 15 ? OWNED_BY_INTERPRETER : OWNED_BY_C_STACK,
  }
}
