// What a debug-offsets table is, and how one is decoded from bytes. A schema is data: groups of field names in the
// order in which a minor version of CPython lays them out. The values are per build and always come from the target.

import { pointerAt } from '../pointer.js'
import type { PythonVersion } from '../versions/version.js'
import type { schema314 } from './v3-14.js'
import type { schema315 } from './v3-15.js'

/** Field names by group, in the order of the table. */
export type OffsetsSchema = Readonly<Record<string, readonly string[]>>

type Decoded<S extends OffsetsSchema> = { readonly [G in keyof S]: Readonly<Record<S[G][number], number>> }
type DecodedPartially<S extends OffsetsSchema> = {
  readonly [G in keyof S]?: Readonly<Partial<Record<S[G][number], number>>>
}

/**
 * `_Py_DebugOffsets` of one target, by CPython's own names. What every supported version has is always there;
 * fields that only newer versions have may be undefined.
 */
export type DebugOffsets = Decoded<typeof schema314> & DecodedPartially<typeof schema315>

/** What a target's table says. */
export interface OffsetsTable {
  readonly version: PythonVersion
  readonly freeThreaded: boolean
  readonly offsets: DebugOffsets
}

/** The 8 bytes with which every table begins. */
export const COOKIE = Buffer.from('xdebugpy', 'latin1')

/** Cookie, version and free-threaded flag: what must be known before a schema can be chosen. */
export const HEAD_BYTES = 24

export interface TableHead {
  /** PY_VERSION_HEX. */
  readonly versionHex: number
  readonly freeThreaded: boolean
}

/** The head of a table, or undefined when `bytes` do not begin with the cookie. */
export function parseTableHead(bytes: Buffer): TableHead | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, COOKIE.length).equals(COOKIE)) return undefined
  return {
    versionHex: bytes.readUInt32LE(8),
    freeThreaded: bytes.readBigUInt64LE(16) === 1n,
  }
}

/** Decodes a whole table by `schema`; `bytes` must be at least as long as the schema demands. */
export function parseOffsets(bytes: Buffer, schema: OffsetsSchema): DebugOffsets {
  let at = HEAD_BYTES
  const groups: Record<string, Record<string, number>> = {}
  for (const [group, fields] of Object.entries(schema)) {
    const values: Record<string, number> = {}
    for (const field of fields) {
      values[field] = pointerAt(bytes, at)
      at += 8
    }
    groups[group] = values
  }
  return groups as unknown as DebugOffsets
}
