// Reads the C strings that types and their fields keep for names. Objects of Python's own strings are `str.ts`.

import type { Address, RemoteMemory } from '../../../memory/remote-memory.js'

/** Longer names are cut. */
const MAX_C_STRING_BYTES = 512

/** The C string at `address`. */
export function readCString(memory: RemoteMemory, address: Address): string {
  // It may end right before an unmapped page: by whole pages it can always be read.
  const toPageEnd = 4096 - (address % 4096)
  const bytes = memory.read(address, Math.min(MAX_C_STRING_BYTES, toPageEnd))
  const end = bytes.indexOf(0)
  if (end >= 0) return bytes.toString('utf8', 0, end)
  const rest = memory.read(address + toPageEnd, MAX_C_STRING_BYTES)
  const all = Buffer.concat([bytes, rest])
  return all.toString('utf8', 0, all.indexOf(0) < 0 ? MAX_C_STRING_BYTES : all.indexOf(0))
}
