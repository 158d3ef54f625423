// What a type object says of its instances: its name, and where their attributes lie.
// Follows Include/cpython/object.h and Include/object.h (Py_TPFLAGS_*) at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt, readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readCString } from './scalars/c-string.js'

export const INLINE_VALUES = 1 << 2
/** Managed weak references or a managed dict: two words more before the object. */
export const PRE_HEADER = (1 << 3) | (1 << 4)
export const MANAGED_DICT = 1 << 4
/** Where the pointer to that dict lies, before the instance; a free-threaded build has it elsewhere. */
export const DICT_BEFORE = 24
export const HEAP_TYPE = 1 << 9
export const GC_TRACKED = 1 << 14
export const INT_SUBCLASS = 1 << 24
export const LIST_SUBCLASS = 1 << 25
export const TUPLE_SUBCLASS = 1 << 26
export const BYTES_SUBCLASS = 1 << 27
export const STR_SUBCLASS = 1 << 28
export const DICT_SUBCLASS = 1 << 29
export const TYPE_SUBCLASS = 1 << 31

/** Behind `tp_dict` stand the functions by which instances act as descriptors. */
const DESCR_GET = 8
const DESCR_SET = 16

export interface TypeInfo {
  readonly address: Address
  /** `tp_name`: for classes written in Python, their bare `__name__`. */
  readonly name: string
  /** The low 32 bits of `tp_flags`. */
  readonly flags: number
  /** Bytes of an instance, without what follows at variable length. */
  readonly basicSize: number
  /** Bytes of each item of what follows, 0 for instances of one size. */
  readonly itemSize: number
  /** Offset of the instance's dict pointer; 0 for none, negative for one that the type manages. */
  readonly dictOffset: number
  /** Keys that instances with inline values share; 0 for others. */
  readonly cachedKeys: Address
  /** What the class itself defines; 0 for the built-in types, which keep that in each interpreter. */
  readonly dict: Address
  /** Tuple of the classes in which attributes are looked up, itself the first; 0 before the class is ready. */
  readonly mro: Address
  /** Array of `PyMemberDef`, or 0. */
  readonly members: Address
  /** The function of C behind `repr()`: one and the same for all classes whose `__repr__` is a function of Python. */
  readonly repr: Address
  /** As attributes of a class, its instances are asked for the value (`__get__`). */
  readonly isDescriptor: boolean
  /** So much so that what an instance has under that name does not count (`__set__`). */
  readonly isDataDescriptor: boolean
}

/** The type of the object at `address`. */
export function readTypeOf(runtime: Runtime, address: Address): TypeInfo {
  const { memory, offsets } = runtime
  return readType(runtime, readPointer(memory, address + offsets.pyobject.ob_type))
}

export function readType(runtime: Runtime, address: Address): TypeInfo {
  const { memory, offsets } = runtime
  const fields = offsets.type_object
  const bytes = memory.read(address, fields.size)
  const flags = bytes.readUInt32LE(fields.tp_flags)
  return {
    address,
    name: readCString(memory, pointerAt(bytes, fields.tp_name)),
    flags,
    basicSize: Number(bytes.readBigInt64LE(fields.tp_basicsize)),
    itemSize: Number(bytes.readBigInt64LE(fields.tp_itemsize)),
    dictOffset: Number(bytes.readBigInt64LE(fields.tp_dictoffset)),
    cachedKeys: flags & HEAP_TYPE ? readPointer(memory, address + offsets.heap_type_object.ht_cached_keys) : 0,
    dict: pointerAt(bytes, fields.tp_dict),
    mro: pointerAt(bytes, fields.tp_mro),
    members: pointerAt(bytes, fields.tp_members),
    repr: pointerAt(bytes, fields.tp_repr),
    isDescriptor: pointerAt(bytes, fields.tp_dict + DESCR_GET) !== 0,
    isDataDescriptor: pointerAt(bytes, fields.tp_dict + DESCR_SET) !== 0,
  }
}
