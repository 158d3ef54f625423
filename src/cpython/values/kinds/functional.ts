// Small objects of C modules that are made of a few values: those of `operator` and `itertools`, context variables,
// structs, arrays. Follows Modules/{_operator,itertoolsmodule,_struct,arraymodule,_collectionsmodule}.c and
// Python/context.c at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import { readDict } from '../../objects/containers/dict.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { readBytes } from '../../objects/scalars/bytes.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStr } from '../../objects/scalars/str.js'
import { readTypeOf, STR_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import { closedText, type Describe, type Entry, type Part, type Shape, toHex } from '../shape.js'
import { formatFloat } from '../text/format-float.js'
import { quoteStr, quoteText } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'

const MAX_ARGUMENTS = 1000
/** What an exhausted, or an endless, counter of C is set to. */
const NO_COUNT = 2n ** 63n - 1n

export const functionalKinds: Readonly<Record<string, Describe>> = {
  'operator.attrgetter': ({ address }, { reader }) => {
    const { items } = readTuple(reader.runtime, readBodyPointer(reader.runtime, address, 8), { limit: MAX_ARGUMENTS })
    const names = items.map((item) => quoted(reader, attributeName(reader, item)))
    return closedText(`operator.attrgetter(${names.join(', ')})`)
  },
  'operator.itemgetter': ({ address }, { reader }) => {
    const body = readBody(reader.runtime, address, 16)
    const item = pointerAt(body, 8)
    return {
      open: body.readBigInt64LE(0) === 1n ? ['operator.itemgetter(', item, ')'] : ['operator.itemgetter', item],
      closed: true,
    }
  },
  'operator.methodcaller': ({ address }, { reader, items: limit }) => {
    const [name, args, keywords] = [0, 8, 16].map((at) => readBodyPointer(reader.runtime, address, at)) as [
      number,
      number,
      number,
    ]
    const positional = readTuple(reader.runtime, args, { limit }).items.map((value): Entry => ({ value }))
    const entries = [{ value: name }, ...positional, ...(keywords === 0 ? [] : namedEntries(reader, keywords))]
    return { open: ['operator.methodcaller('], entries, close: ')', steps: 'hidden' }
  },
  'itertools.count': ({ address, class: { shortName } }, { reader: { runtime } }) => {
    const body = readBody(runtime, address, 24)
    const count = body.readBigInt64LE(0)
    if (count !== NO_COUNT) return closedText(`${shortName}(${count})`)
    const [next, step] = [pointerAt(body, 8), pointerAt(body, 16)]
    return { open: [`${shortName}(`, next, ...stepParts(runtime, step)], closed: true }
  },
  'itertools.repeat': ({ address, class: { shortName } }, { reader: { runtime } }) => {
    const body = readBody(runtime, address, 16)
    const left = body.readBigInt64LE(8)
    return { open: [`${shortName}(`, pointerAt(body, 0), left < 0n ? ')' : `, ${left})`], closed: true }
  },
  '_contextvars.ContextVar': ({ address }, { reader: { runtime } }) => {
    const [name, standard] = [0, 8].map((at) => readBodyPointer(runtime, address, at)) as [number, number]
    const parts: Part[] = standard === 0 ? [] : [' default=', standard]
    return { open: ['<ContextVar name=', name, ...parts, ` at ${toHex(address)}>`], closed: true }
  },
  '_struct.Struct': ({ address, class: { shortName } }, { reader }) => {
    const format = pointerAt(readBody(reader.runtime, address, 32), 24)
    const isStr = (reader.classes.of(format).flags & STR_SUBCLASS) !== 0
    // Bytes before 3.15.
    const text = isStr
      ? readStr(reader.runtime, format)
      : readBytes(reader.runtime, format, 4096).bytes.toString('latin1')
    return closedText(`${shortName}(${quoted(reader, text)})`)
  },
  'collections._tuplegetter': ({ address }, { reader: { runtime } }) => {
    const body = readBody(runtime, address, 16)
    return { open: [`_tuplegetter(${body.readBigInt64LE(0)}, `, pointerAt(body, 8), ')'], closed: true }
  },
  'array.array': arrayShape,
}

function attributeName({ runtime, classes }: ValueReader, item: Address): string {
  if ((classes.of(item).flags & TUPLE_SUBCLASS) === 0) return readStr(runtime, item)
  return readTuple(runtime, item, { limit: MAX_ARGUMENTS })
    .items.map((part) => readStr(runtime, part))
    .join('.')
}

function namedEntries({ runtime, classes }: ValueReader, dict: Address): Entry[] {
  return readDict(runtime, dict, MAX_ARGUMENTS).map(({ key, value }) =>
    classes.of(key).flags & STR_SUBCLASS ? { label: readStr(runtime, key), value } : { value },
  )
}

/** A step of one is not shown where it is an `int`. */
function stepParts(runtime: ValueReader['runtime'], step: Address): Part[] {
  const isOne = readTypeOf(runtime, step).name === 'int' && readInt(runtime, step) === 1n
  return isOne ? [')'] : [', ', step, ')']
}

/** How an item of each type code is read, and its bytes. */
const ARRAY_ITEMS: Readonly<Record<string, readonly [bytes: number, read: (data: Buffer, at: number) => string]>> = {
  b: [1, (data, at) => String(data.readInt8(at))],
  B: [1, (data, at) => String(data.readUInt8(at))],
  h: [2, (data, at) => String(data.readInt16LE(at))],
  H: [2, (data, at) => String(data.readUInt16LE(at))],
  i: [4, (data, at) => String(data.readInt32LE(at))],
  I: [4, (data, at) => String(data.readUInt32LE(at))],
  l: [8, (data, at) => String(data.readBigInt64LE(at))],
  L: [8, (data, at) => String(data.readBigUInt64LE(at))],
  q: [8, (data, at) => String(data.readBigInt64LE(at))],
  Q: [8, (data, at) => String(data.readBigUInt64LE(at))],
  f: [4, (data, at) => formatFloat(data.readFloatLE(at))],
  d: [8, (data, at) => formatFloat(data.readDoubleLE(at))],
}

function arrayShape(
  ...[
    {
      address,
      class: { shortName },
    },
    { reader, items: limit },
  ]: Parameters<Describe>
): Shape {
  const { memory } = reader.runtime
  const body = readBody(reader.runtime, address, 32)
  const [length, data] = [Number(body.readBigInt64LE(0)), pointerAt(body, 8)]
  const code = String.fromCharCode(memory.read(pointerAt(body, 24), 1).readUInt8())
  if (length === 0) return closedText(`${shortName}('${code}')`)
  const known = ARRAY_ITEMS[code]
  const count = Math.min(length, limit)
  if (known === undefined) {
    const text = quoteStr({ kind: 4, bytes: memory.read(data, count * 4) }, reader.runtime.facts.text.unicode)
    return { ...closedText(`${shortName}('${code}', ${text}${count < length ? '…' : ''})`), abridged: count < length }
  }
  const [size, readItem] = known
  const bytes = memory.read(data, count * size)
  const texts = Array.from({ length: count }, (_, index) => readItem(bytes, index * size))
  const text = `${shortName}('${code}', [${texts.join(', ')}${count < length ? ', …' : ''}])`
  return { ...closedText(text), abridged: count < length }
}

function quoted({ runtime }: ValueReader, text: string): string {
  return quoteText(text, runtime.facts.text.unicode)
}
