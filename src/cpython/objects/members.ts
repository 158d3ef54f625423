// The fields that a class shows as attributes without running code for it: `__slots__`, and the members of classes in
// C (`PyMemberDef`). Some hold an object, others a C number or string. Follows Include/descrobject.h at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readCString } from './scalars/c-string.js'
import type { TypeInfo } from './type.js'

export interface Member {
  readonly name: string
  /** One of CPython's `Py_T_*`. */
  readonly type: number
  readonly offset: number
}

/** A field of C, as Python would show it. */
export interface Scalar {
  readonly type: 'int' | 'float' | 'str' | 'bool'
  readonly value: bigint | number | string | boolean
}

/** What a member holds: an object, a C value, or undefined for one that is not set. */
export type MemberValue = { readonly address: Address } | Scalar | undefined

/** No class has more. */
const MAX_MEMBERS = 4096
const MEMBER_BYTES = 40
/** Members that are asked for from the class's base or are checked by flags Python no longer has. */
const RELATIVE_OFFSET = 8

/** The members that the class itself adds, in the order of its fields. */
export function readMembers({ memory }: Runtime, { members }: TypeInfo): Member[] {
  const result: Member[] = []
  for (let at = members; at !== 0 && result.length < MAX_MEMBERS; at += MEMBER_BYTES) {
    const bytes = memory.read(at, MEMBER_BYTES)
    const name = pointerAt(bytes, 0)
    if (name === 0) break
    if (bytes.readInt32LE(24) & RELATIVE_OFFSET) continue
    const offset = Number(bytes.readBigInt64LE(16))
    result.push({ name: readCString(memory, name), type: bytes.readInt32LE(8), offset })
  }
  return result
}

export function readMember({ memory }: Runtime, object: Address, { type, offset }: Member): MemberValue {
  const readScalar = scalars[type]
  if (readScalar !== undefined) return readScalar(memory.read(object + offset, 8))
  const isObject = type === 6 || type === 16
  const isString = type === 5
  if (!isObject && !isString) return undefined
  const address = pointerAt(memory.read(object + offset, 8), 0)
  if (address === 0) return undefined
  return isObject ? { address } : { type: 'str', value: readCString(memory, address) }
}

const int = (value: bigint | number): Scalar => ({ type: 'int', value: BigInt(value) })

/** By `Py_T_*`. */
const scalars: Readonly<Record<number, (bytes: Buffer) => Scalar>> = {
  0: (bytes) => int(bytes.readInt16LE()),
  1: (bytes) => int(bytes.readInt32LE()),
  2: (bytes) => int(bytes.readBigInt64LE()),
  3: (bytes) => ({ type: 'float', value: bytes.readFloatLE() }),
  4: (bytes) => ({ type: 'float', value: bytes.readDoubleLE() }),
  8: (bytes) => int(bytes.readInt8()),
  9: (bytes) => int(bytes.readUInt8()),
  10: (bytes) => int(bytes.readUInt16LE()),
  11: (bytes) => int(bytes.readUInt32LE()),
  12: (bytes) => int(bytes.readBigUInt64LE()),
  14: (bytes) => ({ type: 'bool', value: bytes[0] !== 0 }),
  17: (bytes) => int(bytes.readBigInt64LE()),
  18: (bytes) => int(bytes.readBigUInt64LE()),
  19: (bytes) => int(bytes.readBigInt64LE()),
}
