// The bytes of an object, as `sys.getsizeof` counts them: with what it alone owns (a list's array, a dict's table), and
// without what it refers to. Follows Python/sysmodule.c (_PySys_GetSizeOf) and the `__sizeof__` of the built-in types at
// v3.14.0; classes in C with a `__sizeof__` of their own are counted without what that would add.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { DICT_SUBCLASS, GC_TRACKED, INT_SUBCLASS, LIST_SUBCLASS, PRE_HEADER, type TypeInfo } from './type.js'

const GC_HEAD_BYTES = 16
const PRE_HEADER_BYTES = 16
const KEYS_HEADER_BYTES = 32

export interface SizedClass extends TypeInfo {
  /** Whether the class is `set` or `frozenset`, or inherits from one. */
  readonly isSet: boolean
}

export function readSize(runtime: Runtime, address: Address, type: SizedClass): number {
  const { memory, offsets } = runtime
  const word = (at: Address): number => pointerAt(memory.read(at, 8), 0)
  let size = type.basicSize
  if (type.flags & GC_TRACKED) size += GC_HEAD_BYTES
  if (type.flags & PRE_HEADER) size += PRE_HEADER_BYTES
  if (type.itemSize > 0) size += type.itemSize * readItemCount(runtime, address, type)
  // The number of slots of a list's array stands behind the pointer to it.
  if (type.flags & LIST_SUBCLASS) size += word(address + offsets.list_object.ob_item + 8) * 8
  if (type.flags & DICT_SUBCLASS) size += readTableSize(runtime, address)
  if (type.isSet) {
    const slots = word(address + offsets.set_object.mask) + 1
    // The first eight lie within the object.
    if (slots > 8) size += slots * 16
  }
  return size
}

/** The size in the object's header; an int has that of its digits elsewhere, and room for one at least. */
function readItemCount({ memory, offsets }: Runtime, address: Address, { flags }: TypeInfo): number {
  const isInt = (flags & INT_SUBCLASS) !== 0
  const at = isInt ? offsets.long_object.lv_tag : offsets.pyobject.size
  const word = Number(memory.read(address + at, 8).readBigInt64LE())
  return isInt ? Math.max(Math.floor(word / 8), 1) : Math.abs(word)
}

function readTableSize({ memory, offsets }: Runtime, address: Address): number {
  const header = memory.read(address, offsets.dict_object.size)
  const keys = memory.read(pointerAt(header, offsets.dict_object.ma_keys), KEYS_HEADER_BYTES)
  const [log2Size, log2IndexBytes, kind] = [keys[8] as number, keys[9] as number, keys[10] as number]
  // Two thirds of the slots can be used. The one table of all empty dicts, of a single slot, is nobody's own.
  const usable = Math.floor((2 ** log2Size * 2) / 3)
  if (log2Size < 3 || pointerAt(header, offsets.dict_object.ma_values) !== 0) return 0
  return KEYS_HEADER_BYTES + 2 ** log2IndexBytes + usable * (kind === 0 ? 24 : 16)
}
