// Whose code made the system call in which a thread sits. CPython makes an interrupted call again (PEP 475). Other code in
// the process mostly does not, so only calls of CPython itself may be interrupted. The caller is classified by the files
// through which the way out of the call leads. First comes the C library, by the one function that is the plain wrapper of
// that call. Then comes the interpreter or an extension module of its standard library. Anything else is foreign, and so
// is a caller that cannot be told.

import { type FunctionRange, findFunctions, parseElf } from '../../binary/elf.js'
import { biasOf, type Runtime } from '../../cpython/runtime/find-runtime.js'
import { readMainInterpreter } from '../../cpython/runtime/interpreter.js'
import { findModuleDict } from '../../cpython/runtime/sys-module.js'
import type { RemoteMemory } from '../../memory/remote-memory.js'
import {
  findMapping,
  groupByFile,
  type Mapping,
  type OpenedFile,
  openMappedFile,
  readMaps,
} from '../../process/maps.js'
import type { SystemCall } from '../../process/threads/threads.js'
import { callConventionOf } from './call-convention.js'
import { wrappersOf } from './interruptible.js'
import { type Caller, type MappedElf, walkCallers } from './walk-callers.js'

export interface CallerClass {
  /** The file whose code made the call, as the target sees it; undefined when that cannot be told. */
  readonly file: string | undefined
  /** Whether that is no part of Python: neither the interpreter nor an extension module of its standard library. */
  readonly foreign: boolean
  /** Why the call is not CPython's own; undefined when it is. */
  readonly refusal: string | undefined
  /** Names of the innermost functions outside of the C library, as far as they are exported. */
  readonly functions: readonly string[]
}

/** @param registers By DWARF's numbers, where the thread was stopped to see them. */
export function classifyCaller(
  pid: number,
  runtime: Runtime,
  call: SystemCall,
  registers?: ReadonlyMap<number, number>,
): CallerClass {
  const files = new MappedElfs(pid, runtime)
  try {
    const { callers, library } = findCallers(files, call, registers)
    const [caller] = callers
    if (caller === undefined) {
      return { file: undefined, foreign: true, refusal: `who called ${call.name} cannot be told`, functions: [] }
    }
    const foreign = !isOwn(caller.mapping, runtime)
    const refusal =
      (foreign ? `${call.name} was called by ${nameOf(caller.mapping)}, not by Python itself` : undefined) ??
      refuseLibrary(library, call) ??
      refuseHidden(files.mappings, runtime)
    const functions = callers.flatMap((one) => files.findFunctions(one))
    return { file: caller.mapping.path, foreign, refusal, functions }
  } finally {
    files.close()
  }
}

/** How many callers are named: functions of CPython that are not exported may stand before the one that is. */
const NAMED_CALLERS = 3

/** The first callers outside of the C library, and the names of that library's function which the first one called. */
function findCallers(
  files: MappedElfs,
  call: SystemCall,
  registers?: ReadonlyMap<number, number>,
): { callers: Caller[]; library: readonly string[] | undefined } {
  const { mappings, memory } = files
  const openElf = (mapping: Mapping): MappedElf | undefined => files.open(mapping)
  const callers: Caller[] = []
  let last: Caller | undefined
  for (const caller of walkCallers(call, memory, { mappings, openElf, registers })) {
    if (callers.length === 0 && isSystemLibrary(caller.mapping)) last = caller
    else callers.push(caller)
    if (callers.length === NAMED_CALLERS) break
  }
  const [first] = callers
  return { callers, library: last && ((first && findCalled(files, first)) ?? files.findFunctions(last)) }
}

/** Where the function that was called may have left no trace but the call itself. */
function findCalled(files: MappedElfs, { address }: Caller): readonly string[] | undefined {
  const called = callConventionOf().readCalled(files.memory, address)
  const mapping = called === undefined ? undefined : findMapping(files.mappings, called)
  if (called === undefined || mapping === undefined || !isSystemLibrary(mapping)) return undefined
  // As a return address has it: behind the first instruction.
  return files.findFunctions({ mapping, address: called + 1 })
}

/** @param library Undefined where no library lies between: an interpreter that is linked with it makes the call itself. */
function refuseLibrary(library: readonly string[] | undefined, call: SystemCall): string | undefined {
  // glibc's sem_wait jumps to a function without a name, from which the way leads straight to the caller.
  if (library === undefined || (library.length === 0 && call.name === 'futex')) return undefined
  if (library.some((name) => wrappersOf(call).includes(name))) return undefined
  return `${call.name} is a step of the C library's ${library[0] ?? 'own functions'}, which may not go on after an interruption`
}

/** A program that has the interpreter built in may itself have made the call. */
function isOwn(mapping: Mapping, runtime: Runtime): boolean {
  if (mapping.path === runtime.file) return /^(lib)?python3/.test(nameOf(mapping))
  return /\/lib-dynload\/[^/]+\.so$/.test(mapping.path) && !nameOf(mapping).startsWith('_ctypes')
}

/** Builds of Python that have libffi and ctypes inside of the interpreter make foreign calls look like its own. */
function refuseHidden(mappings: readonly Mapping[], runtime: Runtime): string | undefined {
  const loaded = findModuleDict(runtime, readMainInterpreter(runtime), '_ctypes') !== undefined
  const builtIn = loaded && !mappings.some((mapping) => nameOf(mapping).startsWith('_ctypes'))
  return builtIn ? 'ctypes is built into this Python: a call of foreign code cannot be told from its own' : undefined
}

function isSystemLibrary(mapping: Mapping): boolean {
  return /^(libc|libpthread|librt|ld-linux|ld-musl|ld)[-.\d]/.test(nameOf(mapping))
}

function nameOf({ path }: Mapping): string {
  return path === '' ? 'code that belongs to no file' : path.slice(path.lastIndexOf('/') + 1)
}

/** The files that are mapped into a target, opened as they are needed. */
class MappedElfs {
  readonly mappings: readonly Mapping[]
  readonly #pid: number
  readonly #runtime: Runtime
  readonly #opened: OpenedFile[] = []
  readonly #elfs = new Map<string, MappedElf | undefined>()

  constructor(pid: number, runtime: Runtime) {
    this.#pid = pid
    this.#runtime = runtime
    this.mappings = readMaps(pid)
  }

  open({ device, inode }: Mapping): MappedElf | undefined {
    const key = `${device}:${inode}`
    if (!this.#elfs.has(key)) this.#elfs.set(key, this.#parse(key))
    return this.#elfs.get(key)
  }

  /** The names of the exported function in which `address` lies; none for those that are not exported. */
  findFunctions({ mapping, address }: Caller): string[] {
    const file = this.open(mapping)
    if (file === undefined) return []
    const holds = ({ start, end }: FunctionRange): boolean => address - file.bias > start && address - file.bias <= end
    return findFunctions(file.elf)
      .filter(holds)
      .map(({ name }) => name)
  }

  get memory(): RemoteMemory {
    return this.#runtime.memory
  }

  close(): void {
    for (const file of this.#opened) file.close()
  }

  #parse(key: string): MappedElf | undefined {
    const file = groupByFile(this.mappings).find((one) => one.key === key)
    if (file === undefined) return undefined
    const opened = openMappedFile(this.#pid, file, this.memory)
    this.#opened.push(opened)
    const elf = parseElf(opened.source)
    const bias = elf && biasOf(elf, file)
    return elf === undefined || bias === undefined ? undefined : { elf, bias }
  }
}
