// Walks `set` and `frozenset` objects: an open hash table of keys. Follows Objects/setobject.c at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'

/** The longest table that is walked; sets double their table as they grow. */
export const MAX_SET_SLOTS = 1 << 22
const SLOT_BYTES = 16
/** The hash of a slot whose key was removed; the key is then a marker. */
const REMOVED = 0xffff_ffff

/**
 * The keys of the set at `address` in the order of its table, at most `limit` of them.
 * @throws RemoraError `MEMORY_UNREADABLE` when its table is broken or changed while it was read.
 */
export function readSet({ memory, offsets }: Runtime, address: Address, limit = MAX_SET_SLOTS): Address[] {
  const fields = offsets.set_object
  const header = memory.read(address, fields.size)
  const slots = Number(header.readBigInt64LE(fields.mask)) + 1
  // Tables are powers of two, of eight slots at least.
  if (!(slots >= 8 && slots <= MAX_SET_SLOTS && (slots & (slots - 1)) === 0)) throw broken(address)
  const table = memory.read(pointerAt(header, fields.table), slots * SLOT_BYTES)
  const keys: Address[] = []
  for (let at = 0; at < table.length && keys.length < limit; at += SLOT_BYTES) {
    const key = pointerAt(table, at)
    const removed = table.readUInt32LE(at + 8) === REMOVED && table.readUInt32LE(at + 12) === REMOVED
    if (key !== 0 && !removed) keys.push(key)
  }
  if (limit >= slots && keys.length !== Number(header.readBigInt64LE(fields.used))) throw broken(address)
  return keys
}

function broken(address: Address): RemoraError {
  return new RemoraError(
    'MEMORY_UNREADABLE',
    `the set at 0x${address.toString(16)} is broken or changed while it was read`,
    { address },
  )
}
