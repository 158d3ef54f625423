// The attributes that an instance itself has: in a dict of its own, inline behind its header, or in both ways by turns.
// Slots and class attributes are not among them. Follows Objects/dictobject.c (_PyObject_GetDictPtr and
// _PyObject_MaterializeManagedDict) at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { type DictEntry, findByKey, MAX_DICT_ENTRIES, readDict, readSplitValues } from './containers/dict.js'
import { DICT_BEFORE, INLINE_VALUES, MANAGED_DICT, readTypeOf, type TypeInfo } from './type.js'

export interface AttributesOptions {
  readonly limit?: number
  /** That of the object, where it is known. */
  readonly type?: TypeInfo
}

/** The instance's own attributes in order of their first assignment, at most `limit`. */
export function readAttributes(runtime: Runtime, address: Address, options: AttributesOptions = {}): DictEntry[] {
  const { memory } = runtime
  const { limit = MAX_DICT_ENTRIES, type = readTypeOf(runtime, address) } = options
  if (type.flags & MANAGED_DICT) {
    const dict = readPointer(memory, address - (runtime.freeThreaded ? 8 : DICT_BEFORE))
    if (dict !== 0) return readDict(runtime, dict, limit)
  }
  if (type.flags & INLINE_VALUES) {
    const values = address + type.basicSize
    const valid = memory.read(values, 8)[3] === 1
    return valid ? readSplitValues(runtime, type.cachedKeys, values, limit) : []
  }
  if (type.dictOffset > 0) {
    const dict = readPointer(memory, address + type.dictOffset)
    if (dict !== 0) return readDict(runtime, dict, limit)
  }
  return []
}

/** The value of the instance's own attribute `name`. */
export function findAttribute(runtime: Runtime, address: Address, name: string): Address | undefined {
  return findByKey(runtime, readAttributes(runtime, address), name)?.value
}
