// Reads functions written in Python: where their code stands, what it names, and what it has closed over.
// Follows Include/cpython/{funcobject,code}.h at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt, readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readBody } from './body.js'
import { readTuple } from './containers/sequence.js'
import { readStr } from './scalars/str.js'
import { readTypeOf, STR_SUBCLASS } from './type.js'

export interface PythonFunction {
  readonly code: Address
  /** `co_qualname`, which stays as it was written whatever the function is renamed to. */
  readonly qualifiedName: string
  /** `co_filename`. */
  readonly file: string
  /** `__module__`; undefined where that is no string. */
  readonly module: string | undefined
  /** What it has closed over, in the order of `co_freevars`; 0 for what is not set yet. */
  readonly closure: readonly Address[]
}

const CODE = 32
const CLOSURE = 56
const MODULE = 88
/** Of `co_names`, which lies before the flags. */
const NAMES_BEFORE_FLAGS = 16
const MAX_CELLS = 64
const MAX_NAMES = 4096

export function readFunction(runtime: Runtime, address: Address): PythonFunction {
  const { memory, offsets } = runtime
  const body = readBody(runtime, address, MODULE + 8)
  const code = pointerAt(body, CODE)
  const bytes = memory.read(code, offsets.code_object.size)
  const module = pointerAt(body, MODULE)
  const cells = pointerAt(body, CLOSURE)
  return {
    code,
    qualifiedName: readStr(runtime, pointerAt(bytes, offsets.code_object.qualname)),
    file: readStr(runtime, pointerAt(bytes, offsets.code_object.filename)),
    module: module !== 0 && readTypeOf(runtime, module).flags & STR_SUBCLASS ? readStr(runtime, module) : undefined,
    closure: cells === 0 ? [] : readTuple(runtime, cells, { limit: MAX_CELLS }).items.map(contentsOf),
  }

  function contentsOf(cell: Address): Address {
    return pointerAt(readBody(runtime, cell, 8), 0)
  }
}

/** `co_names`: globals and attributes in the order in which the code first uses them. */
export function readCodeNames(runtime: Runtime, code: Address): string[] {
  const names = readPointer(runtime.memory, code + runtime.offsets.code_object.co_flags - NAMES_BEFORE_FLAGS)
  return readTuple(runtime, names, { limit: MAX_NAMES }).items.map((name) => readStr(runtime, name))
}
