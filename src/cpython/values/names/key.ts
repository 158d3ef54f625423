// Keys as a person writes them in a path, and whether an object of the target equals one. Equal means what it means to a
// dict: `True`, `1` and `1.0` are one key.

import type { Address } from '../../../memory/remote-memory.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { readBytes } from '../../objects/scalars/bytes.js'
import { readFloat } from '../../objects/scalars/float.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStrData } from '../../objects/scalars/str.js'
import { BYTES_SUBCLASS, INT_SUBCLASS, STR_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import type { ValueReader } from '../value-reader.js'

export type Key =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** Code points, since Python's strings may hold lone surrogates. */
  | { readonly kind: 'str'; readonly value: readonly number[] }
  | { readonly kind: 'bytes'; readonly value: Buffer }
  | { readonly kind: 'none' }
  | { readonly kind: 'tuple'; readonly value: readonly Key[] }

export function matchesKey(reader: ValueReader, address: Address, key: Key): boolean {
  const { runtime, classes } = reader
  const { flags, fullName } = classes.of(address)
  switch (key.kind) {
    case 'int':
    case 'float':
      if (flags & INT_SUBCLASS) return isSameNumber(readInt(runtime, address), key.value)
      return fullName === 'float' && isSameNumber(readFloat(runtime, address), key.value)
    case 'str':
      return (flags & STR_SUBCLASS) !== 0 && isSameText(reader, address, key.value)
    case 'bytes': {
      if ((flags & BYTES_SUBCLASS) === 0) return false
      const { bytes, length } = readBytes(runtime, address, key.value.length)
      return length === key.value.length && bytes.equals(key.value)
    }
    case 'none':
      return fullName === 'NoneType'
    case 'tuple': {
      if ((flags & TUPLE_SUBCLASS) === 0) return false
      const { items, length } = readTuple(runtime, address, { limit: key.value.length })
      return (
        length === key.value.length && items.every((item, index) => matchesKey(reader, item, key.value[index] as Key))
      )
    }
  }
}

/** JavaScript compares the two kinds of numbers by their mathematical values, as Python does. */
function isSameNumber(a: bigint | number, b: bigint | number): boolean {
  return !(a < b) && !(a > b) && !Number.isNaN(a) && !Number.isNaN(b)
}

function isSameText({ runtime }: ValueReader, address: Address, points: readonly number[]): boolean {
  const { kind, bytes, length } = readStrData(runtime, address, points.length)
  return length === points.length && points.every((point, index) => bytes.readUIntLE(index * kind, kind) === point)
}
