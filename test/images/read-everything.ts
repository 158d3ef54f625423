// All that the readers can tell of a target, in one object: the recorder goes through it to touch every page that a
// test will want, and the fuzz test to see what they make of a broken target.

import type { AsyncioOffsets } from '../../src/cpython/asyncio/asyncio-offsets.js'
import { CodeCache } from '../../src/cpython/code/code.js'
import type { Runtime } from '../../src/cpython/runtime/find-runtime.js'
import {
  type InterpreterState,
  readFinalizing,
  readInterpreters,
  readMainInterpreter,
  readThreads,
  type ThreadState,
} from '../../src/cpython/runtime/interpreter.js'
import { readAttributes } from '../../src/cpython/objects/attributes.js'
import { readDict } from '../../src/cpython/objects/containers/dict.js'
import { readInt } from '../../src/cpython/objects/scalars/int.js'
import { readStr } from '../../src/cpython/objects/scalars/str.js'
import { readTypeOf } from '../../src/cpython/objects/type.js'
import { findModuleDict, readAbiFlags, readThreadNames } from '../../src/cpython/runtime/sys-module.js'
import { readVariable } from '../../src/cpython/values/read-variable.js'
import { ValueReader } from '../../src/cpython/values/value-reader.js'
import type { Variable } from '../../src/cpython/values/variable.js'
import { readRequest, type RequestState } from '../../src/inject/request.js'
import type { Address } from '../../src/memory/remote-memory.js'
import { type InterpreterTasks, readInterpreterTasks } from '../../src/session/read/tasks/read-interpreter-tasks.js'
import { readStack, type Stack } from '../../src/unwind/read-stack.js'
import type { Expected } from './open-image.js'

export interface Everything {
  readonly interpreters: readonly InterpreterState[]
  readonly names: ReadonlyMap<bigint, string>
  readonly threads: readonly { readonly state: ThreadState; readonly stack: Stack; readonly request: RequestState }[]
  readonly abiFlags: string
  readonly sysDict: Address | undefined
  readonly finalizing: boolean
}

/** @param attempts How often a stack that contradicts itself is read. */
export function readEverything(runtime: Runtime, attempts = 2): Everything {
  const interpreters = readInterpreters(runtime)
  const codes = new CodeCache(runtime)
  return {
    interpreters,
    names: readThreadNames(runtime, readMainInterpreter(runtime)),
    threads: interpreters.flatMap((interpreter) => {
      codes.refresh(interpreter)
      return readThreads(runtime, interpreter).map((state) => ({
        state,
        stack: readStack(runtime, state, codes, attempts),
        request: readRequest({ runtime, thread: state.address }),
      }))
    }),
    abiFlags: readAbiFlags(runtime),
    sysDict: findModuleDict(runtime, readMainInterpreter(runtime), 'sys'),
    finalizing: readFinalizing(runtime),
  }
}

/** The tasks of the main interpreter. */
export function readTasks(runtime: Runtime, asyncio: AsyncioOffsets): InterpreterTasks {
  return readInterpreterTasks(runtime, asyncio, readMainInterpreter(runtime))
}

/** Every value that the program has named, as a person reads it. */
export function readValues(runtime: Runtime, { values }: Pick<Expected, 'values'>): Variable[] {
  const reader = new ValueReader(runtime, { ...wideLimits })
  return values.map(([address, text]) => readVariable(reader, { name: text, value: address }))
}

const wideLimits = { depth: 3, items: 100, chars: 2000, mask: undefined }

/** Reads the objects that the program has named, and the types of all that they hold. */
export function touchObjects(runtime: Runtime, { ints, strs, dicts, instances }: Expected['objects']): void {
  for (const [address] of ints) readInt(runtime, address)
  for (const [address, text] of strs) readStr(runtime, address, text.length)
  for (const [address] of Object.values(dicts)) {
    for (const { key } of readDict(runtime, address)) readTypeOf(runtime, key)
  }
  for (const [address] of Object.values(instances)) {
    for (const { key } of readAttributes(runtime, address)) readStr(runtime, key)
  }
}
