// Values that hold no others: None, numbers, strings and bytes.

import { readBody, readBodyPointer } from '../../objects/body.js'
import { type BytesData, readByteArray, readBytes } from '../../objects/scalars/bytes.js'
import { readComplex, readFloat } from '../../objects/scalars/float.js'
import { readInt } from '../../objects/scalars/int.js'
import { decodeStr, readStr, readStrData, type StrData } from '../../objects/scalars/str.js'
import { type Describe, type Shape, textShape, toHex } from '../shape.js'
import { formatComplex, formatFloat } from '../text/format-float.js'
import { quoteBytes, quoteStr, quoteText } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'

export const scalarKinds: Readonly<Record<string, Describe>> = {
  NoneType: () => textShape('None'),
  ellipsis: () => textShape('Ellipsis'),
  NotImplementedType: () => textShape('NotImplemented'),
  bool: ({ address }, { reader }) => textShape(readInt(reader.runtime, address) === 0n ? 'False' : 'True'),
  int: ({ address }, { reader, chars }) => cutTo(readInt(reader.runtime, address).toString(), chars),
  float: ({ address }, { reader }) => textShape(formatFloat(readFloat(reader.runtime, address))),
  complex: ({ address }, { reader }) => textShape(formatComplex(readComplex(reader.runtime, address))),
  str: ({ address }, { reader, chars }) => {
    const data = readStrData(reader.runtime, address, chars)
    const truncated = data.length > chars
    return { open: [strText(reader, data, truncated)], truncated }
  },
  bytes: ({ address }, { reader, chars }) => bytesShape(reader, readBytes(reader.runtime, address, chars)),
  bytearray: (object, { reader, chars }) => {
    const { runtime } = reader
    const quote = runtime.facts.text.bytearrayEscapesQuotes ? "'" : ''
    const { open, truncated = false } = bytesShape(reader, readByteArray(runtime, object.address, chars), quote)
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

/** Only what is masked is made a string of ours, which cannot hold all of theirs. */
function strText(reader: ValueReader, data: StrData, isCut: boolean): string {
  const { unicode } = reader.runtime.facts.text
  const text = decodeStr(data)
  const masked = reader.maskUrls(text, isCut)
  return masked === text ? quoteStr(data, unicode) : quoteText(masked, unicode)
}

function bytesShape(reader: ValueReader, { bytes, length }: BytesData, alsoEscaped = ''): Shape {
  const truncated = length > bytes.length
  const masked = reader.maskUrls(bytes.toString('latin1'), truncated)
  return { open: [quoteBytes(Buffer.from(masked, 'latin1'), alsoEscaped)], truncated }
}

function cutTo(text: string, chars: number): Shape {
  return text.length > chars ? { open: [text.slice(0, chars)], truncated: true } : textShape(text)
}
