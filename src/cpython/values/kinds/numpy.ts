// Arrays, dtypes and scalars of numpy. Scalars and dtypes are shown as numpy 2 shows them. Of arrays stand there what they
// hold and in which shape, and their items where these are few: how numpy lays them out in columns is its own code's.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody } from '../../objects/body.js'
import {
  countItems,
  type DataType,
  dataTypeName,
  type NdArray,
  readDataType,
  readNdArray,
} from '../../objects/ndarray.js'
import { readComplex } from '../../objects/scalars/float.js'
import { pointerAt } from '../../pointer.js'
import { closedText, type Describe, type DescribeSome, type Part, plainName, toHex } from '../shape.js'
import { formatComplex, formatFloat, formatFloat32 } from '../text/format-float.js'
import { quoteText } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'
import { scalarKinds } from './scalars.js'

/** Items that lie wider apart are not read. */
const MAX_BYTES = 65_536

export const numpyKinds: Readonly<Record<string, DescribeSome>> = {
  'numpy.ndarray': (object, { reader, items }) => {
    const array = readNdArray(reader.runtime, object.address)
    const type = array && readDataTypeOf(reader, array.dtype)
    if (array === undefined || type === undefined) return undefined
    const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`
    const start = `<${plainName(object.class)} object at ${toHex(object.address)}: ${dataTypeName(type)}, shape ${shape}`
    const shown = countItems(array.shape) <= items ? readItems(reader, array, type) : undefined
    return {
      open: [start, ...(shown === undefined ? ['>'] : [', ', ...shown, '>'])],
      abridged: shown === undefined,
      extra: () => [{ name: 'dtype', value: array.dtype }],
    }
  },
  'numpy.dtype': ({ address }, { reader }) => {
    const type = readDataTypeOf(reader, address)
    // Those of several fields are more than their size.
    return type === undefined || type.kind === 'V' ? undefined : closedText(`dtype('${dataTypeName(type)}')`)
  },
  ...Object.fromEntries(['int8', 'int16', 'int32', 'int64', 'longlong'].map((name) => [`numpy.${name}`, scalar('i')])),
  ...Object.fromEntries(
    ['uint8', 'uint16', 'uint32', 'uint64', 'ulonglong'].map((name) => [`numpy.${name}`, scalar('u')]),
  ),
  'numpy.float32': scalar('f'),
  'numpy.float64': scalar('f'),
  'numpy.complex128': ({ address }, { reader }) =>
    closedText(`np.complex128(${formatComplex(readComplex(reader.runtime, address)).replace(/^\(|\)$/g, '')})`),
  'numpy.bool': ({ address }, { reader }) =>
    closedText(readBody(reader.runtime, address, 1)[0] === 0 ? 'np.False_' : 'np.True_'),
  'numpy.str_': ofBuiltIn('str'),
  'numpy.bytes_': ofBuiltIn('bytes'),
}

/** Of the bytes in a name; `longlong` has eight. */
function scalar(kind: string): DescribeSome {
  return ({ address, class: { shortName, basicSize } }, { reader }) => {
    const bits = Number(/\d+$/.exec(shortName)?.[0] ?? 64)
    // Header and value, in whole words.
    if (basicSize !== reader.runtime.offsets.pyobject.size + 8) return undefined
    const type: DataType = { kind, size: bits / 8, bigEndian: false, unit: undefined }
    const name = shortName.endsWith('longlong') ? shortName.replace('longlong', 'int64') : shortName
    return closedText(`np.${name}(${readNumber(type, readBody(reader.runtime, address, 8), 0)})`)
  }
}

function ofBuiltIn(name: 'str' | 'bytes'): DescribeSome {
  return (object, options) => {
    const shape = (scalarKinds[name] as Describe)(object, options)
    return {
      open: [`np.${name}_(`, ...shape.open, shape.truncated ? '…)' : ')'],
      closed: true,
      abridged: shape.truncated === true,
    }
  }
}

function readDataTypeOf(reader: ValueReader, address: Address): DataType | undefined {
  const { classes, runtime } = reader
  return classes.inherits(classes.of(address), 'numpy.dtype') ? readDataType(runtime, address) : undefined
}

/** The items as nested lists; undefined where they are of another kind, or lie too far apart. */
function readItems(reader: ValueReader, array: NdArray, type: DataType): Part[] | undefined {
  const { data, shape, strides } = array
  const reach = shape.map((length, at) => Math.max(length - 1, 0) * (strides[at] as number))
  const first = reach.reduce((sum, one) => sum + Math.min(one, 0), 0)
  const last = reach.reduce((sum, one) => sum + Math.max(one, 0), 0) + type.size
  if (!isReadable(type) || last - first > MAX_BYTES) return undefined
  const bytes = countItems(shape) === 0 ? Buffer.of() : reader.runtime.memory.read(data + first, last - first)
  const nest = (dimension: number, at: number): Part[] => {
    if (dimension === shape.length) return [readItem(reader, type, bytes.subarray(at, at + type.size))]
    const inside = Array.from({ length: shape[dimension] as number }, (_, index): Part[] => [
      ...(index === 0 ? [] : [', ']),
      ...nest(dimension + 1, at + index * (strides[dimension] as number)),
    ])
    return ['[', ...inside.flat(), ']']
  }
  return nest(0, -first)
}

function isReadable({ kind, size }: DataType): boolean {
  if (kind === 'f') return size === 4 || size === 8
  if (kind === 'i' || kind === 'u') return size <= 8
  return kind === 'b' || kind === 'O' || kind === 'U' || kind === 'S' || (kind === 'c' && size === 16)
}

function readItem(reader: ValueReader, type: DataType, bytes: Buffer): Part {
  switch (type.kind) {
    case 'O': {
      const item = pointerAt(bytes, 0)
      return item === 0 ? 'None' : item
    }
    case 'U':
    case 'S':
      return readText(reader, type, bytes)
    case 'b':
      return bytes[0] === 0 ? 'False' : 'True'
    case 'c': {
      const [real, imaginary] = [0, 8].map((at) => (type.bigEndian ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at)))
      return formatComplex({ real: real as number, imaginary: imaginary as number })
    }
    default:
      return readNumber(type, bytes, 0)
  }
}

/** Zeros at the end are none of the text. */
function readText(reader: ValueReader, { kind, bigEndian }: DataType, bytes: Buffer): string {
  const width = kind === 'U' ? 4 : 1
  const points = Array.from({ length: bytes.length / width }, (_, index) => {
    if (width === 1) return bytes[index] as number
    return bigEndian ? bytes.readUInt32BE(index * 4) : bytes.readUInt32LE(index * 4)
  })
  while (points.at(-1) === 0) points.pop()
  const text = points.map((point) => String.fromCodePoint(point <= 0x10ffff ? point : 0xfffd)).join('')
  const quoted = quoteText(reader.maskUrls(text), reader.runtime.facts.text.unicode)
  return width === 1 ? `b${quoted}` : quoted
}

function readNumber({ kind, size, bigEndian }: DataType, bytes: Buffer, at: number): string {
  const ordered = bigEndian ? Buffer.from(bytes.subarray(at, at + size)).reverse() : bytes.subarray(at, at + size)
  if (kind === 'f') return size === 4 ? formatFloat32(ordered.readFloatLE()) : formatFloat(ordered.readDoubleLE())
  if (size === 8) return String(kind === 'i' ? ordered.readBigInt64LE() : ordered.readBigUInt64LE())
  return String(kind === 'i' ? ordered.readIntLE(0, size) : ordered.readUIntLE(0, size))
}
