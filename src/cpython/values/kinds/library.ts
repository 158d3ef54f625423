// Objects of the standard library that programs are full of: decimals and fractions, UUIDs and paths, partial
// functions, locks and time zones. Those written in Python are read by their attributes.

import { readBody, readBodyPointer } from '../../objects/body.js'
import { readDict } from '../../objects/containers/dict.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { type Decimal, readDecimal } from '../../objects/scalars/decimal.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStr } from '../../objects/scalars/str.js'
import { STR_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import type { Instance } from '../instance.js'
import { readStored } from '../names/plain-attributes.js'
import { readPath } from '../read-path.js'
import { overrides } from '../repr-source.js'
import { closedText, type Describe, type DescribeSome, type Entry, type Shape, textShape, toHex } from '../shape.js'
import { quoteText } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'

export const libraryKinds: Readonly<Record<string, Describe>> = {
  // A subclass is called like this, too.
  'decimal.Decimal': ({ address }, { reader }) =>
    textShape(`Decimal('${formatDecimal(readDecimal(reader.runtime, address))}')`),
  'functools.partial': (object, { reader, items }): Shape => {
    const body = readBody(reader.runtime, object.address, 24)
    const [func, args, keywords] = [0, 8, 16].map((at) => pointerAt(body, at)) as [number, number, number]
    const named = readDict(reader.runtime, keywords, items).map(({ key, value }): Entry => {
      return reader.classes.of(key).flags & STR_SUBCLASS ? { label: readStr(reader.runtime, key), value } : { value }
    })
    const positional = readTuple(reader.runtime, args, { limit: items }).items.map((value): Entry => ({ value }))
    const entries = [{ value: func }, ...positional, ...named]
    return {
      open: [`${object.class.fullName}(`],
      entries,
      close: ')',
      steps: 'hidden',
      recursive: '...',
      showMembers: true,
    }
  },
  '_thread.lock': ({ address, class: { name } }, { reader }) => {
    const locked = ((readBody(reader.runtime, address, 1)[0] as number) & 1) !== 0
    return textShape(`<${locked ? 'locked' : 'unlocked'} ${name} object at ${toHex(address)}>`)
  },
  '_thread.RLock': ({ address, class: { name } }, { reader }) => {
    const body = readBody(reader.runtime, address, 24)
    const [owner, level] = [body.readBigUInt64LE(8), body.readBigUInt64LE(16)]
    const count = owner === 0n ? 0n : level + 1n
    const state = owner === 0n ? 'unlocked' : 'locked'
    return textShape(`<${state} ${name} object owner=${owner} count=${count} at ${toHex(address)}>`)
  },
  'zoneinfo.ZoneInfo': (object, { reader }) => {
    const [key, file] = [0, 8].map((at) => readBodyPointer(reader.runtime, object.address, at)) as [number, number]
    const name = object.class.fullName
    if (key === 0) return plainShape(object)
    if (reader.classes.of(key).fullName !== 'NoneType') return { open: [`${name}(key=`, key, ')'], closed: true }
    return file === 0 ? plainShape(object) : closedText(`${name}.from_file(${readStr(reader.runtime, file)})`)
  },
}

/** Those written in Python, by the function that shows them. */
export const pythonLibraryKinds: Readonly<Record<string, DescribeSome>> = {
  '_frozen_importlib.ModuleSpec.__repr__': moduleSpec,
  '_frozen_importlib_external.FileFinder.__repr__': (object, { reader }) => {
    const path = attributeOf(reader, object, 'path')
    return path === undefined ? undefined : { open: [`${object.class.shortName}(`, path, ')'], closed: true }
  },
  'fractions.Fraction.__repr__': (object, { reader }) => {
    const [numerator, denominator] = ['_numerator', '_denominator'].map((name) => attributeOf(reader, object, name))
    if (numerator === undefined || denominator === undefined) return undefined
    return { open: [`${object.class.shortName}(`, numerator, ', ', denominator, ')'], closed: true }
  },
  'uuid.UUID.__repr__': (object, { reader }) => {
    const value = attributeOf(reader, object, 'int')
    if (value === undefined || overrides(reader, object.class, 'uuid.UUID', ['__str__'])) return undefined
    const hex = readInt(reader.runtime, value).toString(16).padStart(32, '0')
    const text = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    return closedText(`${object.class.shortName}('${text}')`)
  },
  'pathlib.PurePath.__repr__': (object, { reader }) => {
    const text = readPath(reader, object)
    return text === undefined
      ? undefined
      : closedText(`${object.class.shortName}(${quoteText(text, reader.runtime.facts.text.unicode)})`)
  },
}

function moduleSpec(...[object, { reader }]: Parameters<DescribeSome>): Shape {
  const labels = {
    name: 'name',
    loader: 'loader',
    origin: 'origin',
    submodule_search_locations: 'submodule_search_locations',
  }
  const entries = Object.values(labels).flatMap((label): Entry[] => {
    const value = attributeOf(reader, object, label)
    const isShown =
      value !== undefined && (/^(name|loader)$/.test(label) || reader.classes.of(value).fullName !== 'NoneType')
    return isShown ? [{ label, value }] : []
  })
  return { open: [`${object.class.shortName}(`], entries, close: ')', steps: 'label' }
}

function attributeOf(reader: ValueReader, object: Instance, name: string): number | undefined {
  const value = readStored(reader, object, name)
  return typeof value === 'number' ? value : undefined
}

function plainShape({ class: { fullName }, address }: Instance): Shape {
  return textShape(`<${fullName} object at ${toHex(address)}>`)
}

/** The scientific string of the General Decimal Arithmetic specification. */
function formatDecimal({ negative, special, digits, exponent }: Decimal): string {
  const sign = negative ? '-' : ''
  if (special !== '') return sign + special + (special !== 'Infinity' && digits !== '0' ? digits : '')
  const adjusted = exponent + digits.length - 1
  if (exponent > 0 || adjusted < -6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits[0]}${fraction}E${adjusted < 0 ? '' : '+'}${adjusted}`
  }
  const padded = digits.padStart(1 - exponent, '0')
  return exponent === 0 ? sign + digits : `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}
