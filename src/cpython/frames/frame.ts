// One interpreter frame as CPython keeps it, parsed from bytes: which code, at which instruction, and which frame
// called it. What the frames of a thread mean together is the unwinder's business.
// Follows Include/internal/pycore_interpframe_structs.h at v3.14.0 and v3.15.0.

import type { Address } from '../../memory/remote-memory.js'
import type { Code } from '../code/code.js'
import { findPosition, type Position } from '../code/line-table.js'
import { pointerAt, stackRefAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'

/** Who owns the storage of a frame; 0 is its thread. Entries from C, which have no code, have owners of each version's own. */
export const OWNED_BY_GENERATOR = 1
export const OWNED_BY_FRAME_OBJECT = 2

/** Of a frame object, behind its header: the address of the frame that it stands for. */
export const F_FRAME = 8

export interface RawFrame {
  readonly address: Address
  readonly previous: Address
  /** The code object, or 0 for a frame without one. */
  readonly code: Address
  readonly instruction: Address
  readonly owner: number
  /** It has no code: an entry from C, or the base of a thread. */
  readonly isEntry: boolean
  /** Index of the copy of the bytecode that a free-threaded build runs; 0 is the code object's own. */
  readonly bytecodeCopy: number
}

/** What tells where in its code a frame is. */
export type FrameInstruction = Pick<RawFrame, 'instruction' | 'bytecodeCopy'>

/** Parses the frame at `offset` of `bytes`; undefined when these bytes cannot be a frame. */
export function parseFrame(runtime: Runtime, address: Address, bytes: Buffer, offset: number): RawFrame | undefined {
  const fields = runtime.offsets.interpreter_frame
  const { firstEntryOwner, lastOwner, references } = runtime.facts.frames
  const owner = bytes[offset + fields.owner] as number
  const code = stackRefAt(bytes, offset + fields.executable, references)
  const isEntry = owner >= firstEntryOwner
  if (owner > lastOwner || code === undefined) return undefined
  return {
    address,
    previous: pointerAt(bytes, offset + fields.previous),
    code: isEntry ? 0 : code,
    instruction: pointerAt(bytes, offset + fields.instr_ptr),
    owner,
    isEntry,
    bytecodeCopy: runtime.freeThreaded ? bytes.readInt32LE(offset + fields.tlbc_index) : 0,
  }
}

/** Index of the frame's current code unit, or undefined when the instruction does not lie in this code. */
export function unitOf(frame: FrameInstruction, code: Code): number | undefined {
  const unit = (frame.instruction - (code.copies[frame.bytecodeCopy] ?? 0)) / 2
  return Number.isInteger(unit) && unit >= 0 && unit < code.unitCount ? unit : undefined
}

/** Positions of code that has been shown before: the same call sites come again and again. */
const knownPositions = new WeakMap<Code, Map<number, Position>>()

export function positionOf(frame: FrameInstruction, code: Code): Position {
  const unit = unitOf(frame, code) ?? Number.POSITIVE_INFINITY
  const positions = knownPositions.get(code) ?? new Map<number, Position>()
  const position = positions.get(unit) ?? findPosition(code.lineTable, code.firstLine, unit)
  knownPositions.set(code, positions.set(unit, position))
  return position
}
