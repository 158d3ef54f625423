// From the address of `_PyRuntime` to a checked table: the entry of this folder. A new version of CPython adds a
// schema file and a line to `schemas` here (docs/new-cpython.md).

import { RemoraError } from '../../errors/remora-error.js'
import type { Address, RemoteMemory } from '../../memory/remote-memory.js'
import { parseVersion } from '../versions/version.js'
import { HEAD_BYTES, type OffsetsSchema, type OffsetsTable, parseOffsets, parseTableHead } from './schema.js'
import { schema314, schema314Bytes } from './v3-14.js'
import { schema315, schema315Bytes } from './v3-15.js'
import { validateOffsets } from './validate.js'

const schemas: Readonly<Record<string, { schema: OffsetsSchema; bytes: number }>> = {
  '3.14': { schema: schema314, bytes: schema314Bytes },
  '3.15': { schema: schema315, bytes: schema315Bytes },
}

/**
 * The debug offsets at the start of `_PyRuntime`.
 * @throws RemoraError `PYTHON_UNSUPPORTED` for a version without a schema, `RUNTIME_CORRUPT` for a table that
 * contradicts itself.
 */
export function readOffsetsTable(memory: RemoteMemory, runtime: Address): OffsetsTable {
  const head = parseTableHead(memory.read(runtime, HEAD_BYTES))
  if (head === undefined) {
    throw new RemoraError('PYTHON_UNSUPPORTED', 'this is Python 3.12 or older, which publishes no debug offsets')
  }
  const version = parseVersion(head.versionHex)
  const entry = schemas[`${version.major}.${version.minor}`]
  if (entry === undefined || !version.final) {
    const what = version.final ? `Python ${version.text}` : `Python ${version.text}, a pre-release,`
    throw new RemoraError('PYTHON_UNSUPPORTED', `${what} is not supported`, {
      version: version.text,
      supported: Object.keys(schemas),
    })
  }
  const offsets = parseOffsets(memory.read(runtime, entry.bytes), entry.schema)
  validateOffsets(offsets, entry.schema)
  return { version, freeThreaded: head.freeThreaded, offsets }
}
