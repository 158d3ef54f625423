// Well-known roots: `sys.modules`, and values that `sys` and `threading` keep about the interpreter as a whole.

import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'
import type { Runtime } from './find-runtime.js'
import { type InterpreterState, readMainInterpreter } from './interpreter.js'
import { findAttribute } from './objects/attributes.js'
import { findDictValue, readDict } from './objects/dict.js'
import { readInt } from './objects/int.js'
import { readStr } from './objects/str.js'
import { readPointer } from './pointer.js'

/** The namespace (`vars(module)`) of an imported module. */
export function findModuleDict(runtime: Runtime, interpreter: InterpreterState, name: string): Address | undefined {
  const { memory, offsets } = runtime
  const modules = readPointer(memory, interpreter.address + offsets.interpreter_state.imports_modules)
  const module = modules === 0 ? undefined : findDictValue(runtime, modules, name)
  // A module object keeps its dict right behind its header.
  return module && readPointer(memory, module + offsets.pyobject.size)
}

/** `sys.abiflags`: contains `d` for a debug build, `t` for a free-threaded one. */
export function readAbiFlags(runtime: Runtime): string {
  const { memory, offsets } = runtime
  const interpreter = readMainInterpreter(runtime)
  const sys = readPointer(memory, interpreter.address + offsets.interpreter_state.sysdict)
  const flags = sys === 0 ? undefined : findDictValue(runtime, sys, 'abiflags')
  return flags === undefined ? '' : readStr(runtime, flags)
}

/**
 * The names of the threads that `threading` knows, by `threading.get_ident()`. Empty before `threading` is imported,
 * and when its table changed while it was read: names are a convenience, not worth a failure.
 */
export function readThreadNames(runtime: Runtime, interpreter: InterpreterState): Map<bigint, string> {
  const names = new Map<bigint, string>()
  try {
    const threading = findModuleDict(runtime, interpreter, 'threading')
    const active = threading === undefined ? undefined : findDictValue(runtime, threading, '_active')
    for (const { key, value } of active === undefined ? [] : readDict(runtime, active)) {
      const name = findAttribute(runtime, value, '_name')
      if (name !== undefined) names.set(readInt(runtime, key), readStr(runtime, name))
    }
  } catch (error) {
    if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
  }
  return names
}
