// From the address of `_PyRuntime` to where everything lies in a target and how its Python behaves, checked: the entry
// of this folder. Which versions there are is the business of `versions/`.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address, RemoteMemory } from '../../memory/remote-memory.js'
import { findVersion, supportedVersions } from '../versions/find-version.js'
import { type PythonVersion, parseVersion } from '../versions/version.js'
import type { PythonFacts } from '../versions/version-module.js'
import type { Offsets } from './offsets.js'
import { HEAD_BYTES, parseOffsets, parseTableHead } from './schema.js'
import { validateOffsets } from './validate.js'

/** What a target's table says, with what is known of its version. */
export interface OffsetsTable {
  readonly version: PythonVersion
  readonly freeThreaded: boolean
  readonly offsets: Offsets
  readonly facts: PythonFacts
}

/**
 * The debug offsets at the start of `_PyRuntime`.
 * @throws RemoraError `PYTHON_UNSUPPORTED` for a version without a module, `RUNTIME_CORRUPT` for a table that
 * contradicts itself.
 */
export function readOffsetsTable(memory: RemoteMemory, runtime: Address): OffsetsTable {
  const supported = supportedVersions
  const head = parseTableHead(memory.read(runtime, HEAD_BYTES))
  if (head === undefined) {
    throw new RemoraError('PYTHON_UNSUPPORTED', 'this is Python 3.12 or older, which publishes no debug offsets', {
      supported,
    })
  }
  const version = parseVersion(head.versionHex)
  const module = findVersion(version.name)
  if (module === undefined || !version.final) {
    const what = version.final ? `Python ${version.text}` : `Python ${version.text}, a pre-release,`
    throw new RemoraError('PYTHON_UNSUPPORTED', `${what} is not supported`, { version: version.text, supported })
  }
  const published = parseOffsets(memory.read(runtime, module.tableBytes), module.schema, HEAD_BYTES)
  const offsets = module.complete(published)
  validateOffsets(offsets)
  const { freeThreaded } = head
  return { version, freeThreaded, offsets, facts: module.describe({ version, freeThreaded }, published) }
}
