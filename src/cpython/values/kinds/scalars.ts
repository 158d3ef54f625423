// Values that hold no others: None, numbers, strings and bytes.

import { readBody, readBodyPointer } from '../../objects/body.js'
import { type BytesData, readByteArray, readBytes } from '../../objects/bytes.js'
import { readComplex, readFloat } from '../../objects/float.js'
import { readInt } from '../../objects/int.js'
import { readStr, readStrData } from '../../objects/str.js'
import { formatComplex, formatFloat } from '../format-float.js'
import { quoteBytes, quoteStr } from '../quote.js'
import { type Describe, type Shape, textShape, toHex } from '../shape.js'

export const scalarKinds: Readonly<Record<string, Describe>> = {
  NoneType: () => textShape('None'),
  ellipsis: () => textShape('Ellipsis'),
  NotImplementedType: () => textShape('NotImplemented'),
  bool: ({ address }, { reader }) => textShape(readInt(reader.runtime, address) === 0n ? 'False' : 'True'),
  int: ({ address }, { reader, chars }) => cutTo(readInt(reader.runtime, address).toString(), chars),
  float: ({ address }, { reader }) => textShape(formatFloat(readFloat(reader.runtime, address))),
  complex: ({ address }, { reader }) => textShape(formatComplex(readComplex(reader.runtime, address))),
  str: ({ address }, { reader: { runtime }, chars }) => {
    const data = readStrData(runtime, address, chars)
    return { open: [quoteStr(data, runtime.facts.text.unicode)], truncated: data.length > chars }
  },
  bytes: ({ address }, { reader, chars }) => bytesShape(readBytes(reader.runtime, address, chars)),
  bytearray: (object, { reader, chars }) => {
    const { runtime } = reader
    const quote = runtime.facts.text.bytearrayEscapesQuotes ? "'" : ''
    const { open, truncated = false } = bytesShape(readByteArray(runtime, object.address, chars), quote)
    return { open: [`${object.class.shortName}(`, ...open, truncated ? '…)' : ')'], closed: true }
  },
  // New in 3.15.
  sentinel: ({ address }, { reader: { runtime } }) => textShape(readStr(runtime, readBodyPointer(runtime, address, 0))),
  object: ({ address }) => textShape(`<object object at ${toHex(address)}>`),
  memoryview: ({ address }) => textShape(`<memory at ${toHex(address)}>`),
  range: ({ address }, { reader: { runtime } }) => {
    const body = readBody(runtime, address, 24)
    const [start, stop, step] = [0, 8, 16].map((at) => readInt(runtime, Number(body.readBigUInt64LE(at))))
    return { open: [step === 1n ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`], closed: true }
  },
  slice: ({ address }, { reader }) => {
    const body = readBody(reader.runtime, address, 24)
    const entries = [0, 8, 16].map((at) => ({ value: Number(body.readBigUInt64LE(at)) }))
    return { open: ['slice('], entries, close: ')', steps: 'none', closed: true }
  },
}

function bytesShape({ bytes, length }: BytesData, alsoEscaped = ''): Shape {
  return { open: [quoteBytes(bytes, alsoEscaped)], truncated: length > bytes.length }
}

function cutTo(text: string, chars: number): Shape {
  return text.length > chars ? { open: [text.slice(0, chars)], truncated: true } : textShape(text)
}
