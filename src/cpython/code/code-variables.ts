// The variables that a code object declares: their names, and where a frame of it keeps each of them. Read only for
// frames whose locals are asked for, and remembered with the code object, which never changes.
// Follows Include/internal/pycore_code.h (CO_FAST_*) at v3.14.0.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { readStr } from '../objects/scalars/str.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { Code } from './code.js'

/** What a slot of a frame is for: one or more of these. */
export const HIDDEN_VARIABLE = 0x10
export const CELL_VARIABLE = 0x40
export const FREE_VARIABLE = 0x80

/** A function with more variables than this is not credible. */
const MAX_VARIABLES = 1 << 16

const CO_OPTIMIZED = 1

export interface CodeVariables {
  /** Arguments, then other locals, cells and free variables: the order of the frame's slots. */
  readonly slots: readonly { readonly name: string; readonly kind: number }[]
  /** False for the body of a module or a class, which keeps its variables in a dict. */
  readonly optimized: boolean
}

const known = new WeakMap<Code, CodeVariables>()

/** @throws RemoraError `MEMORY_UNREADABLE` when the names and the kinds do not fit together. */
export function readCodeVariables(runtime: Runtime, code: Code): CodeVariables {
  const before = known.get(code)
  if (before !== undefined) return before
  const { memory, offsets } = runtime
  const bytes = memory.read(code.address, offsets.code_object.size)
  const count = bytes.readInt32LE(offsets.code_object.co_nlocalsplus)
  const names = readNames(runtime, pointerAt(bytes, offsets.code_object.localsplusnames), count)
  const kinds = readKinds(runtime, pointerAt(bytes, offsets.code_object.localspluskinds), count)
  const variables: CodeVariables = {
    slots: names.map((name, index) => ({ name: readStr(runtime, name), kind: kinds[index] as number })),
    optimized: (bytes.readInt32LE(offsets.code_object.co_flags) & CO_OPTIMIZED) !== 0,
  }
  known.set(code, variables)
  return variables
}

function readNames({ memory, offsets }: Runtime, tuple: Address, count: number): Address[] {
  const { ob_size, ob_item } = offsets.tuple_object
  checkCount(count, pointerAt(memory.read(tuple + ob_size, 8), 0), tuple)
  const items = memory.read(tuple + ob_item, count * 8)
  return Array.from({ length: count }, (_, index) => pointerAt(items, index * 8))
}

function readKinds({ memory, offsets }: Runtime, kinds: Address, count: number): Buffer {
  const { ob_size, ob_sval } = offsets.bytes_object
  checkCount(count, pointerAt(memory.read(kinds + ob_size, 8), 0), kinds)
  return memory.read(kinds + ob_sval, count)
}

function checkCount(count: number, found: number, address: Address): void {
  if (count >= 0 && count <= MAX_VARIABLES && count === found) return
  throw new RemoraError('MEMORY_UNREADABLE', `a code object with ${count} variables and ${found} of their names`, {
    address,
  })
}
