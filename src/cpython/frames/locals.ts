// The variables of one frame as addresses of objects, in the order in which `locals()` lists them: arguments, locals,
// cells and free variables of a function, or the namespace of a module or class body. What the objects are is the
// business of `values/`. The frame of a running thread moves: who reads one proves it, as the unwinder does.

import type { Address } from '../../memory/remote-memory.js'
import type { Code } from '../code/code.js'
import {
  CELL_VARIABLE,
  type CodeVariables,
  FREE_VARIABLE,
  HIDDEN_VARIABLE,
  readCodeVariables,
} from '../code/code-variables.js'
import { readDict } from '../objects/containers/dict.js'
import { readStr } from '../objects/scalars/str.js'
import { readTypeOf, STR_SUBCLASS } from '../objects/type.js'
import { pointerAt, readPointer, stackRefAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'

export interface LocalVariable {
  readonly name: string
  readonly address: Address
}

/**
 * The bound variables of the frame at `frame`, which runs `code`.
 * @throws RemoraError `MEMORY_UNREADABLE` when the frame changed while it was read.
 */
export function readLocals(runtime: Runtime, frame: Address, code: Code): LocalVariable[] {
  const { memory, offsets } = runtime
  const variables = readCodeVariables(runtime, code)
  const start = offsets.interpreter_frame.localsplus
  const bytes = memory.read(frame, start + variables.slots.length * 8)
  const fast = readSlots(runtime, bytes.subarray(start), variables)
  if (variables.optimized) return fast
  const namespace = pointerAt(bytes, offsets.interpreter_frame.f_locals)
  return [...(namespace === 0 ? [] : readNamespace(runtime, namespace)), ...fast]
}

/** Address of the dict of the globals that the frame at `frame` sees. */
export function readGlobals({ memory, offsets }: Runtime, frame: Address): Address {
  return readPointer(memory, frame + offsets.interpreter_frame.f_globals)
}

/** A body without fast locals has slots only for what comprehensions hide, and cells, which are not its namespace. */
function readSlots(runtime: Runtime, slots: Buffer, { slots: declared, optimized }: CodeVariables): LocalVariable[] {
  return declared.flatMap(({ name, kind }, index): LocalVariable[] => {
    const object = stackRefAt(slots, index * 8, runtime.facts.frames.references)
    if (object === undefined || object === 0) return []
    if (!optimized && (kind & HIDDEN_VARIABLE) === 0) return []
    const address = kind & (CELL_VARIABLE | FREE_VARIABLE) ? readCell(runtime, object) : object
    return address === 0 ? [] : [{ name, address }]
  })
}

/** What a cell holds. Before the first instructions of a function have run, its slots still hold the bare arguments. */
function readCell(runtime: Runtime, object: Address): Address {
  if (readTypeOf(runtime, object).name !== 'cell') return object
  return readPointer(runtime.memory, object + runtime.offsets.pyobject.size)
}

function readNamespace(runtime: Runtime, address: Address): LocalVariable[] {
  // A class body may run in any mapping that its metaclass prepares; only a dict can be read.
  return readDict(runtime, address).flatMap(({ key, value }) => {
    const named = (readTypeOf(runtime, key).flags & STR_SUBCLASS) !== 0
    return named ? [{ name: readStr(runtime, key), address: value }] : []
  })
}
