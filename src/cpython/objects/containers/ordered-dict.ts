// The order of the keys of a `collections.OrderedDict`, which it keeps in a linked list behind its dict.
// Follows Objects/odictobject.c (_odictobject, _odictnode) at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt, readPointer } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { MAX_DICT_ENTRIES } from './dict.js'

/** The keys of the OrderedDict at `address` in its own order, at most `limit` of them. */
export function readOrderedKeys({ memory, offsets }: Runtime, address: Address, limit = MAX_DICT_ENTRIES): Address[] {
  const keys: Address[] = []
  const seen = new Set<Address>()
  // The first node stands right behind the dict.
  let node = readPointer(memory, address + offsets.dict_object.size)
  while (node !== 0 && keys.length < limit) {
    if (seen.has(node))
      throw new RemoraError('MEMORY_UNREADABLE', 'the order of a dict changed while it was read', { address })
    seen.add(node)
    // {key, hash, next, previous}
    const bytes = memory.read(node, 24)
    keys.push(pointerAt(bytes, 0))
    node = pointerAt(bytes, 16)
  }
  return keys
}
