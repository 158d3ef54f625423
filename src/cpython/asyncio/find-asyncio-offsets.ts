// Finds the asyncio module's table of offsets in a process. It has a section of its own, `.AsyncioDebug`: in 3.14 in
// the extension module, which is mapped once asyncio has been imported; in 3.15, and wherever `_asyncio` is linked
// statically, in the file that holds the interpreter. The section decides, never the name of a file.

import { type Elf, findSection, parseElf } from '../../binary/elf.js'
import { RemoraError } from '../../errors/remora-error.js'
import { groupByFile, type MappedFile, type Mapping, openMappedFile } from '../../process/maps.js'
import { biasOf, type Runtime } from '../runtime/find-runtime.js'
import type { AsyncioOffsets } from './asyncio-offsets.js'
import { parseAsyncioOffsets } from './parse-asyncio-offsets.js'

const SECTION = '.AsyncioDebug'
/** In writable mappings of files without section headers, the table itself is looked for; more is not read. */
const MAX_SEARCH_BYTES = 4 * 1024 * 1024
const TABLE_ALIGNMENT = 32

/**
 * The offsets, or undefined where no asyncio is loaded.
 * @throws RemoraError `RUNTIME_CORRUPT` when there is a table but none that makes sense.
 */
export function findAsyncioOffsets(
  pid: number,
  runtime: Runtime,
  mappings: readonly Mapping[],
): AsyncioOffsets | undefined {
  let failure: RemoraError | undefined
  for (const file of orderCandidates(groupByFile(mappings), runtime)) {
    try {
      const offsets = readFromFile(pid, file, runtime)
      if (offsets !== undefined) return offsets
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code === 'TARGET_EXITED') throw error
      // A second Python in the same process has a table too, but not this interpreter's.
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

/** The extension module by its usual name, then the interpreter's own file, then all others that hold code. */
function orderCandidates(files: readonly MappedFile[], { file }: Runtime): MappedFile[] {
  const executable = files.filter(({ mappings }) => mappings.some(({ permissions }) => permissions[2] === 'x'))
  const rank = ({ path }: MappedFile): number => (path.includes('/_asyncio.') ? 0 : path === file ? 1 : 2)
  return executable.sort((a, b) => rank(a) - rank(b))
}

function readFromFile(pid: number, file: MappedFile, runtime: Runtime): AsyncioOffsets | undefined {
  const opened = openMappedFile(pid, file, runtime.memory)
  try {
    const elf = tryParse(opened.source)
    if (elf === undefined) return undefined
    if (elf.sections.length === 0) return searchTable(file, runtime)
    const section = findSection(elf, SECTION)
    const bias = biasOf(elf, file)
    const { tableBytes } = runtime.facts.asyncio
    if (section === undefined || bias === undefined || section.size < tableBytes) return undefined
    return parseAsyncioOffsets(runtime.memory.read(bias + section.address, tableBytes), runtime)
  } finally {
    opened.close()
  }
}

/** A file too broken to be searched has no table: many files that are no Python are looked at. */
function tryParse(source: Parameters<typeof parseElf>[0]): Elf | undefined {
  try {
    return parseElf(source)
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'RUNTIME_CORRUPT') return undefined
    throw error
  }
}

/** For files that can no longer be opened: the table has no cookie, but words that must fit each other. */
function searchTable(file: MappedFile, runtime: Runtime): AsyncioOffsets | undefined {
  const { schema, tableBytes } = runtime.facts.asyncio
  // This word repeats the size of the interpreter state, which is known.
  const sizeAt = schema.task.length * 8
  const known = Buffer.alloc(8)
  known.writeBigUInt64LE(BigInt(runtime.offsets.interpreter_state.size))
  for (const { start, end, permissions } of file.mappings) {
    if (permissions[1] !== 'w' || end - start > MAX_SEARCH_BYTES) continue
    const [bytes] = runtime.memory.readMany([{ address: start, length: end - start }])
    if (bytes === undefined) continue
    for (let at = bytes.indexOf(known); at >= 0; at = bytes.indexOf(known, at + 1)) {
      const table = at - sizeAt
      if (table < 0 || (start + table) % TABLE_ALIGNMENT !== 0 || table + tableBytes > bytes.length) continue
      const offsets = tryTable(bytes.subarray(table, table + tableBytes), runtime)
      if (offsets !== undefined) return offsets
    }
  }
  return undefined
}

function tryTable(bytes: Buffer, runtime: Runtime): AsyncioOffsets | undefined {
  try {
    return parseAsyncioOffsets(bytes, runtime)
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'RUNTIME_CORRUPT') return undefined
    throw error
  }
}
