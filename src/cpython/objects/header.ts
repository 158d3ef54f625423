// The header that every object begins with: how often it is referred to, and its class. Follows Include/object.h at
// v3.14.0, and Objects/obmalloc.c and Include/internal/pycore_freelist.h for what lies there once it has been freed.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'

/** Of `ob_overflow`, which lies behind the 32 bits of the count. */
const OVERFLOW_OFFSET = 4

/**
 * The address of the class of the object at `address`.
 * @throws RemoraError `MEMORY_UNREADABLE` when the object has been freed, or the memory cannot be read.
 */
export function readLiveType({ memory, offsets, freeThreaded }: Runtime, address: Address): Address {
  const header = memory.read(address, offsets.pyobject.size)
  if (!freeThreaded && isFreed(header)) {
    throw new RemoraError('MEMORY_UNREADABLE', `the object at 0x${address.toString(16)} has been freed`, { address })
  }
  return pointerAt(header, offsets.pyobject.ob_type)
}

/**
 * Whoever frees an object leaves its class and its value as they were, and a pointer to the next free piece of memory,
 * or zero, in place of the count. No other object has a count of zero, or anything where a pointer has its upper half.
 */
export function isFreed(header: Buffer): boolean {
  return header.readUInt32LE(0) === 0 || header.readUInt16LE(OVERFLOW_OFFSET) !== 0
}
