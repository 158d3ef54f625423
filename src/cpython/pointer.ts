// How CPython's words become addresses. Pointers fit in a number (user addresses are below 2^47); references in frames
// carry tag bits, of which each version says what they are.

import type { Address, RemoteMemory } from '../memory/remote-memory.js'

/** The pointer at `offset` of bytes already read; 0 is NULL. A torn word may be any 64-bit value. */
export function pointerAt(bytes: Buffer, offset: number): Address {
  // Two 32-bit halves: four times as fast as a BigInt, and exact below 2^53.
  return bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + bytes.readUInt32LE(offset)
}

/** What the low bits of a reference in a frame say. */
export interface ReferenceTags {
  /** The bits that are no part of the address. */
  readonly tagMask: number
  /** From this value of theirs on it is no reference, but a tagged integer or a marker. */
  readonly firstMarker: number
}

/** The object that a tagged reference in a frame points to; 0 for NULL, undefined for a tagged integer or a marker. */
export function stackRefAt(
  bytes: Buffer,
  offset: number,
  { tagMask, firstMarker }: ReferenceTags,
): Address | undefined {
  const low = bytes.readUInt32LE(offset)
  if ((low & tagMask) >= firstMarker) return undefined
  return bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + ((low & ~tagMask) >>> 0)
}

export function readPointer(memory: RemoteMemory, address: Address): Address {
  return pointerAt(memory.read(address, 8), 0)
}
