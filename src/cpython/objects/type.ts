// What a type object says of its instances: its name, and where their attributes lie.
// Follows Include/cpython/object.h and Include/object.h (Py_TPFLAGS_*) at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import type { Runtime } from '../find-runtime.js'
import { pointerAt, readPointer } from '../pointer.js'

const MAX_TYPE_NAME_BYTES = 512

export const INLINE_VALUES = 1 << 2
export const MANAGED_DICT = 1 << 4
export const HEAP_TYPE = 1 << 9
export const INT_SUBCLASS = 1 << 24
export const STR_SUBCLASS = 1 << 28
export const DICT_SUBCLASS = 1 << 29

export interface TypeInfo {
  readonly address: Address
  /** `tp_name`: for classes written in Python, their bare `__name__`. */
  readonly name: string
  /** The low 32 bits of `tp_flags`. */
  readonly flags: number
  /** Bytes of an instance, without what follows at variable length. */
  readonly basicSize: number
  /** Offset of the instance's dict pointer; 0 for none, negative for one that the type manages. */
  readonly dictOffset: number
  /** Keys that instances with inline values share; 0 for others. */
  readonly cachedKeys: Address
}

/** The type of the object at `address`. */
export function readTypeOf(runtime: Runtime, address: Address): TypeInfo {
  const { memory, offsets } = runtime
  return readType(runtime, readPointer(memory, address + offsets.pyobject.ob_type))
}

export function readType(runtime: Runtime, address: Address): TypeInfo {
  const { memory, offsets, derived } = runtime
  const fields = offsets.type_object
  const bytes = memory.read(address, fields.size)
  const flags = bytes.readUInt32LE(fields.tp_flags)
  return {
    address,
    name: readTypeName(runtime, pointerAt(bytes, fields.tp_name)),
    flags,
    basicSize: Number(bytes.readBigInt64LE(derived.type_object.tp_basicsize)),
    dictOffset: Number(bytes.readBigInt64LE(derived.type_object.tp_dictoffset)),
    cachedKeys: flags & HEAP_TYPE ? readPointer(memory, address + derived.type_object.ht_cached_keys) : 0,
  }
}

function readTypeName({ memory }: Runtime, address: Address): string {
  // The name may end right before an unmapped page: by whole pages it can always be read.
  const toPageEnd = 4096 - (address % 4096)
  const bytes = memory.read(address, Math.min(MAX_TYPE_NAME_BYTES, toPageEnd))
  const end = bytes.indexOf(0)
  if (end >= 0) return bytes.toString('utf8', 0, end)
  const rest = memory.read(address + toPageEnd, MAX_TYPE_NAME_BYTES)
  const all = Buffer.concat([bytes, rest])
  return all.toString('utf8', 0, all.indexOf(0) < 0 ? MAX_TYPE_NAME_BYTES : all.indexOf(0))
}
