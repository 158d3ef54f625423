// How CPython's words become addresses. Pointers fit in a number (user addresses are below 2^47); references in frames
// carry two tag bits. Follows Include/internal/pycore_stackref.h at v3.14.0.

import type { Address, RemoteMemory } from '../memory/remote-memory.js'

/** The pointer at `offset` of bytes already read; 0 is NULL. A torn word may be any 64-bit value. */
export function pointerAt(bytes: Buffer, offset: number): Address {
  // Two 32-bit halves: four times as fast as a BigInt, and exact below 2^53.
  return bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + bytes.readUInt32LE(offset)
}

/** The object that a tagged reference in a frame points to; 0 for NULL, undefined for a tagged integer or a marker. */
export function stackRefAt(bytes: Buffer, offset: number): Address | undefined {
  const low = bytes.readUInt32LE(offset)
  if ((low & 3) >= 2) return undefined
  return bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + (low & ~3 ? (low & ~3) >>> 0 : 0)
}

export function readPointer(memory: RemoteMemory, address: Address): Address {
  return pointerAt(memory.read(address, 8), 0)
}
