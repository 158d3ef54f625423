// What a debug-offsets table is, and how one is decoded from bytes. A schema is data: groups of field names in the
// order in which a minor version of CPython lays them out. The values are per build and always come from the target.

import { pointerAt } from '../pointer.js'

/** Field names by group, in the order of the table. */
export type OffsetsSchema = Readonly<Record<string, readonly string[]>>

/** The values of a table by group and field. */
export type Decoded<S extends OffsetsSchema> = {
  readonly [G in keyof S]: Readonly<Record<S[G][number], number>>
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

/** Decodes a whole table by `schema`, from `at` on; `bytes` must be at least as long as the schema demands. */
export function parseOffsets<S extends OffsetsSchema>(bytes: Buffer, schema: S, at: number): Decoded<S> {
  let next = at
  const groups: Record<string, Record<string, number>> = {}
  for (const [group, fields] of Object.entries(schema)) {
    const values: Record<string, number> = {}
    for (const field of fields) {
      values[field] = pointerAt(bytes, next)
      next += 8
    }
    groups[group] = values
  }
  return groups as Decoded<S>
}
