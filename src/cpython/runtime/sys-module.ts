// Well-known roots: `sys.modules`, and values that `sys` and `threading` keep about the interpreter as a whole.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { findDictValue, readDict } from '../objects/containers/dict.js'
import { InlineAttribute } from '../objects/inline-attribute.js'
import { readInt } from '../objects/scalars/int.js'
import { readStr } from '../objects/scalars/str.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from './find-runtime.js'
import { type InterpreterState, readMainInterpreter } from './interpreter.js'

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
 * Where `threading._active` lies, by interpreter: once the module is there, the table stays where it is. As long as
 * it is not there, the number of imported modules tells whether another look is worth its time.
 */
const activeThreads = new WeakMap<Runtime, Map<Address, { table: Address | undefined; moduleCount: bigint }>>()

const threadNames = new WeakMap<Runtime, InlineAttribute>()

/**
 * The names of the threads that `threading` knows, by `threading.get_ident()`. Empty before `threading` is imported,
 * and when its table changed while it was read: names are a convenience, not worth a failure.
 */
export function readThreadNames(runtime: Runtime, interpreter: InterpreterState): Map<bigint, string> {
  const names = new Map<bigint, string>()
  const nameOf = threadNames.get(runtime) ?? new InlineAttribute(runtime, '_name')
  threadNames.set(runtime, nameOf)
  try {
    const active = findActiveThreads(runtime, interpreter)
    for (const { key, value } of active === undefined ? [] : readDict(runtime, active)) {
      const name = nameOf.find(value)
      if (name !== undefined) names.set(readInt(runtime, key), readStr(runtime, name))
    }
  } catch (error) {
    if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
    activeThreads.delete(runtime)
  }
  return names
}

function findActiveThreads(runtime: Runtime, interpreter: InterpreterState): Address | undefined {
  const tables = activeThreads.get(runtime) ?? new Map()
  activeThreads.set(runtime, tables)
  const known = tables.get(interpreter.address)
  if (known?.table !== undefined) return known.table
  const moduleCount = readModuleCount(runtime, interpreter)
  if (known?.moduleCount === moduleCount) return undefined
  const threading = findModuleDict(runtime, interpreter, 'threading')
  const table = threading === undefined ? undefined : findDictValue(runtime, threading, '_active')
  tables.set(interpreter.address, { table, moduleCount })
  return table
}

function readModuleCount({ memory, offsets }: Runtime, { address }: InterpreterState): bigint {
  const modules = readPointer(memory, address + offsets.interpreter_state.imports_modules)
  // `ma_used` lies right behind the object header.
  return modules === 0 ? 0n : memory.read(modules + offsets.pyobject.size, 8).readBigUInt64LE()
}
