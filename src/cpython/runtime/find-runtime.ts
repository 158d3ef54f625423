// Finds `_PyRuntime` in a process: the start of CPython's own state, and of its debug offsets. The section decides,
// never a file name: executables and libraries called anything may hold an interpreter. Where several are mapped (an
// executable and a second libpython loaded by ctypes), the initialised one is taken.

import { type Elf, findDynamicSymbols, findSection, loadBias, parseElf } from '../../binary/elf.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address, RemoteMemory } from '../../memory/remote-memory.js'
import { groupByFile, type MappedFile, type Mapping, openMappedFile } from '../../process/maps.js'
import { type OffsetsTable, readOffsetsTable } from '../debug-offsets/read.js'
import { COOKIE } from '../debug-offsets/schema.js'

/** One target's interpreter as everything above this layer sees it: its memory, where things are, and how it behaves. */
export interface Runtime extends OffsetsTable {
  readonly memory: RemoteMemory
  readonly address: Address
  /** The file that holds it, as the target sees it. */
  readonly file: string
}

/** Address in the file of `_PyRuntime` by mapped file (`MappedFile.key`); null for files without one. */
export type RuntimeLocations = Map<string, number | null>

/** The most bytes of one writable mapping that are searched for the cookie. */
const MAX_SEARCH_BYTES = 32 * 1024 * 1024
const RUNTIME_ALIGNMENT = 32
const SECTION = '.PyRuntime'
const SYMBOL = '_PyRuntime'

interface FindOptions {
  readonly pid: number
  readonly memory: RemoteMemory
  readonly mappings: readonly Mapping[]
  /** Remembers what was found in which file; pass the same map again when many processes are looked at. */
  readonly locations?: RuntimeLocations
}

/**
 * @throws RemoraError `NOT_PYTHON` when no mapped file holds a runtime, `PYTHON_UNSUPPORTED` when one does but its
 * version is not known, `RUNTIME_CORRUPT` when its tables are broken.
 */
export function findRuntime(options: FindOptions): Runtime {
  const { pid, memory } = options
  let failure: RemoraError | undefined
  for (const file of orderCandidates(groupByFile(options.mappings))) {
    let address: Address | undefined
    try {
      address = locateRuntime(file, options)
      if (address === undefined) continue
      const table = readOffsetsTable(memory, address)
      if (isInitialised(memory, address, table)) {
        return { ...table, memory, address, file: file.path }
      }
      failure ??= new RemoraError(
        'NOT_PYTHON',
        `process ${pid} has a Python ${table.version.text} that is not initialised`,
        {
          pid,
          file: file.path,
        },
      )
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code === 'TARGET_EXITED') throw error
      // A file too broken to be searched is not taken for a Python.
      if (address === undefined) continue
      failure ??= new RemoraError(error.code, `process ${pid} (${file.path}): ${error.message}`, {
        ...error.details,
        pid,
      })
    }
  }
  throw failure ?? new RemoraError('NOT_PYTHON', `process ${pid} is not a Python process`, { pid })
}

/** Files that are probably Python first, so that the usual process needs one look. */
function orderCandidates(files: readonly MappedFile[]): MappedFile[] {
  const executable = files.filter(({ mappings }) => mappings.some(({ permissions }) => permissions[2] === 'x'))
  const rank = ({ path }: MappedFile): number => {
    const base = path.slice(path.lastIndexOf('/') + 1)
    if (/^(lib)?python3?/.test(base)) return 0
    return base.includes('python') ? 1 : 2
  }
  return executable.sort((a, b) => rank(a) - rank(b))
}

function locateRuntime(file: MappedFile, { pid, memory, locations }: FindOptions): Address | undefined {
  const known = locations?.get(file.key)
  if (known === null) return undefined
  const opened = openMappedFile(pid, file, memory)
  try {
    const elf = parseElf(opened.source)
    if (elf === undefined) return undefined
    const bias = biasOf(elf, file)
    const address = known ?? locateInFile(elf)
    if (opened.complete) locations?.set(file.key, address ?? null)
    if (address !== undefined && bias !== undefined) return bias + address
    // Without section headers and symbols only the memory itself can tell.
    return opened.complete && elf.sections.length > 0 ? undefined : searchCookie(file, memory)
  } finally {
    opened.close()
  }
}

/** What to add to an address in the file to get the address in memory; undefined when no mapping tells. */
export function biasOf(elf: Elf, file: MappedFile): number | undefined {
  for (const { start, offset } of file.mappings) {
    const bias = loadBias(elf, { start, offset })
    if (bias !== undefined) return bias
  }
  return undefined
}

function locateInFile(elf: Elf): number | undefined {
  // The section's address, not its offset in the file: the two differ in shared libraries.
  const section = findSection(elf, SECTION)
  if (section !== undefined) return section.address
  return elf.sections.length === 0 ? findDynamicSymbols(elf, [SYMBOL]).get(SYMBOL) : undefined
}

/** In writable mappings only: in the code the same bytes occur as operands. */
function searchCookie(file: MappedFile, memory: RemoteMemory): Address | undefined {
  for (const { start, end, permissions } of file.mappings) {
    if (permissions[1] !== 'w' || end - start > MAX_SEARCH_BYTES) continue
    const [bytes] = memory.readMany([{ address: start, length: end - start }])
    if (bytes === undefined) continue
    for (let at = bytes.indexOf(COOKIE); at >= 0; at = bytes.indexOf(COOKIE, at + 1)) {
      if ((start + at) % RUNTIME_ALIGNMENT === 0) return start + at
    }
  }
  return undefined
}

function isInitialised(memory: RemoteMemory, runtime: Address, { offsets }: OffsetsTable): boolean {
  return memory.read(runtime + offsets.runtime_state.interpreters_head, 8).readBigUInt64LE() !== 0n
}
