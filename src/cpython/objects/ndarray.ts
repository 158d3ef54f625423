// Reads the arrays of numpy, which are no part of CPython: where their items lie, and of what kind they are. The layout is
// that of numpy 2 (numpy/_core/include/numpy/ndarraytypes.h, PyArrayObject_fields and _PyArray_LegacyDescr at v2.4.0), the
// first for CPython 3.14; what does not look like it is not read.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readBody } from './body.js'

export interface DataType {
  /** `f`, `i`, `U`, …: `dtype.kind`. */
  readonly kind: string
  /** Bytes of one item. */
  readonly size: number
  readonly bigEndian: boolean
  /** `ns` of dates and durations, with the number of them that one step is; undefined for all else. */
  readonly unit: string | undefined
}

export interface NdArray {
  readonly data: Address
  readonly shape: readonly number[]
  /** Bytes from one item to the next in each dimension. */
  readonly strides: readonly number[]
  /** Address of the dtype object. */
  readonly dtype: Address
}

const MAX_DIMENSIONS = 64
/** More than any machine has. */
const MAX_ITEMS = 2 ** 47
const MAX_ITEM_BYTES = 2 ** 31
const KINDS = 'biufcmMOSUVT'
/** By number; one of them is no longer in use. */
const UNITS = ['Y', 'M', 'W', '', 'D', 'h', 'm', 's', 'ms', 'us', 'ns', 'ps', 'fs', 'as'] as const
const WITHOUT_UNIT = 14

/** Undefined for what is not laid out like an array. */
export function readNdArray(runtime: Runtime, address: Address): NdArray | undefined {
  const body = readBody(runtime, address, 48)
  const dimensions = body.readInt32LE(8)
  if (!(dimensions >= 0 && dimensions <= MAX_DIMENSIONS)) return undefined
  const [shape, strides] = [16, 24].map((at) => readNumbers(runtime, pointerAt(body, at), dimensions)) as [
    number[],
    number[],
  ]
  const isCredible = shape.every((length) => length >= 0) && countItems(shape) <= MAX_ITEMS
  return isCredible ? { data: pointerAt(body, 0), shape, strides, dtype: pointerAt(body, 40) } : undefined
}

/** Undefined for what is not laid out like a dtype. */
export function readDataType(runtime: Runtime, address: Address): DataType | undefined {
  const body = readBody(runtime, address, 104)
  const [kind, order] = [body[8] as number, body[10] as number].map((code) => String.fromCharCode(code)) as [
    string,
    string,
  ]
  const size = Number(body.readBigInt64LE(24))
  if (!KINDS.includes(kind) || !'=<>|'.includes(order) || !(size >= 0 && size <= MAX_ITEM_BYTES)) return undefined
  const hasUnit = kind === 'M' || kind === 'm'
  const unit = hasUnit ? readUnit(runtime, pointerAt(body, 96)) : undefined
  return { kind, size, bigEndian: order === '>', unit }
}

/** As numpy names it: `float64`, `<U5`, `datetime64[ns]`. */
export function dataTypeName({ kind, size, bigEndian, unit }: DataType): string {
  const names: Readonly<Record<string, string>> = { i: 'int', u: 'uint', f: 'float', c: 'complex' }
  const order = bigEndian ? '>' : '<'
  if (kind === 'b') return 'bool'
  if (names[kind] !== undefined) return bigEndian ? `>${kind}${size}` : `${names[kind]}${size * 8}`
  if (kind === 'M' || kind === 'm') return `${order}${kind}8${unit === undefined || unit === '' ? '' : `[${unit}]`}`
  if (kind === 'U') return `${order}U${size / 4}`
  return kind === 'O' || kind === 'T' ? kind : `${kind}${size}`
}

export function countItems(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

function readUnit({ memory }: Runtime, metadata: Address): string | undefined {
  if (metadata === 0) return undefined
  // Behind two functions and two words that are not used.
  const bytes = memory.read(metadata + 32, 8)
  const [unit, steps] = [bytes.readInt32LE(0), bytes.readInt32LE(4)]
  if (unit === WITHOUT_UNIT) return ''
  const name = UNITS[unit]
  return name === undefined ? undefined : `${steps === 1 ? '' : steps}${name}`
}

function readNumbers({ memory }: Runtime, address: Address, count: number): number[] {
  const bytes = count === 0 ? Buffer.of() : memory.read(address, count * 8)
  return Array.from({ length: count }, (_, index) => Number(bytes.readBigInt64LE(index * 8)))
}
