// Modules and classes, whose insides are namespaces, and objects that refer to one other: cells and weak references.

import { readBodyPointer } from '../../objects/body.js'
import type { ClassInfo } from '../../objects/classes.js'
import { findDictValue, readDict } from '../../objects/containers/dict.js'
import { readStr, readStrData } from '../../objects/scalars/str.js'
import { STR_SUBCLASS, TYPE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes } from '../names/plain-attributes.js'
import {
  type Child,
  closedText,
  type Describe,
  type DescribeSome,
  plainName,
  type Shape,
  textShape,
  toHex,
} from '../shape.js'
import { quoteStr, quoteText } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'

/** Of a function's name behind its header. */
const FUNCTION_NAME = 16
/** Names of one module beyond this are not looked at. */
const MAX_NAMES = 100_000

const weakReference: Describe = ({ address, class: { name } }, { reader }) => {
  const referent = readBodyPointer(reader.runtime, address, 0)
  const start = `<${name.startsWith('weakref.Proxy') ? 'weakproxy' : 'weakref'} at ${toHex(address)}; `
  // A dead reference points to None.
  if (referent === 0 || reader.classes.of(referent).fullName === 'NoneType') return textShape(`${start}dead>`)
  const extra = (): Child[] => [{ name: '__referent__', value: referent }]
  const type = plainName(reader.classes.of(referent)).replace(/^__main__\./, '')
  return { open: [`${start}to '${type}' at ${toHex(referent)}${ownName(reader, referent)}>`], extra }
}

/** The `__name__` of a class or a function. */
function ownName({ runtime, classes }: ValueReader, object: number): string {
  const { flags, fullName } = classes.of(object)
  if (flags & TYPE_SUBCLASS) return ` (${classes.at(object).shortName})`
  return fullName === 'function' ? ` (${readStr(runtime, readBodyPointer(runtime, object, FUNCTION_NAME))})` : ''
}

export const referenceKinds: Readonly<Record<string, Describe>> = {
  module: (object, { reader }) => {
    const dict = readBodyPointer(reader.runtime, object.address, 0)
    const extra = (): Child[] => readNamespace(reader, dict).filter(isPublic)
    return { open: [moduleText(reader, dict)], extra, namespace: dict, aside: true }
  },
  type: ({ address }, { reader }) => classShape(reader, address, classText(reader.classes.at(address))),
  cell: ({ address }, { reader }) => {
    const value = readBodyPointer(reader.runtime, address, 0)
    if (value === 0) return textShape(`<cell at ${toHex(address)}: empty>`)
    const text = `<cell at ${toHex(address)}: ${reader.classes.of(value).name} object at ${toHex(value)}>`
    return { open: [text], extra: () => [{ name: 'cell_contents', value }] }
  },
  'weakref.ReferenceType': weakReference,
  'weakref.ProxyType': weakReference,
  super: ({ address }, { reader: { runtime, classes } }) => {
    const [start, , bound] = [0, 8, 16].map((at) => readBodyPointer(runtime, address, at)) as [number, number, number]
    const whose = bound === 0 ? 'NULL' : `<${classes.at(bound).name} object>`
    return closedText(`<super: <class '${classes.at(start).name}'>, ${whose}>`)
  },
  property: (object) => closedText(`<${plainName(object.class)} object at ${toHex(object.address)}>`),
}

/** Classes whose metaclass shows them, by the function that does. */
export const metaclassKinds: Readonly<Record<string, DescribeSome>> = {
  'enum.EnumType.__repr__': ({ address }, { reader }) => {
    const { classes } = reader
    const info = classes.at(address)
    const name = quoteText(info.shortName, reader.runtime.facts.text.unicode)
    return classShape(reader, address, `<${classes.inherits(info, 'enum.Flag') ? 'flag' : 'enum'} ${name}>`)
  },
  'typing._AnyMeta.__repr__': ({ address }, { reader }) => {
    const info = reader.classes.at(address)
    return classShape(reader, address, info.fullName === 'typing.Any' ? 'typing.Any' : classText(info))
  },
}

/** A class whose metaclass has a way of its own to show it. */
export function foreignClassShape(reader: ValueReader, address: number): Shape {
  return classShape(reader, address, classText(reader.classes.at(address)).replace(/>$/, ` at ${toHex(address)}>`))
}

function classShape(reader: ValueReader, address: number, text: string): Shape {
  const info = reader.classes.at(address)
  const entries = (): Child[] => [...reader.classes.namespace(info)].map(([name, value]) => ({ name, value }))
  const inherited = (): Child[] =>
    reader.classes.order(info).flatMap((base) => {
      return [...reader.classes.namespace(base)].map(([name, value]) => ({ name, value }))
    })
  return { open: [text], extra: () => entries().filter(isPublic), hidden: inherited, aside: true }
}

function classText({ fullName }: ClassInfo): string {
  return `<class '${fullName.replace(/^builtins\./, '')}'>`
}

function readNamespace({ runtime, classes }: ValueReader, dict: number): Child[] {
  return readDict(runtime, dict, MAX_NAMES).flatMap(({ key, value }) => {
    const name = classes.nameAt(key)
    return name === undefined ? [] : [{ name, value }]
  })
}

function isPublic({ name }: Child): boolean {
  return !/^__.*__$/.test(name)
}

/** As `importlib` shows a module: by its specification, else by its file. */
function moduleText(reader: ValueReader, dict: number): string {
  const find = (name: string): number | undefined => findDictValue(reader.runtime, dict, name)
  const spec = find('__spec__')
  if (spec === undefined || reader.classes.of(spec).fullName === 'NoneType') {
    return toModuleText(quoted(reader, find('__name__')), quoted(reader, find('__file__')), true)
  }
  const fields = new Map(readPlainAttributes(reader, reader.at(spec)).map(({ name, value }) => [name, value]))
  const located = fields.get('_set_fileattr')
  const hasLocation = typeof located === 'number' && isTrue(reader, reader.at(located))
  return toModuleText(quoted(reader, fields.get('name')), quoted(reader, fields.get('origin')), hasLocation)
}

function toModuleText(name = "'?'", origin: string | undefined, hasLocation: boolean): string {
  if (origin === undefined) return `<module ${name}>`
  return `<module ${name} ${hasLocation ? `from ${origin}` : `(${origin.slice(1, -1)})`}>`
}

function isTrue({ runtime }: ValueReader, { address, class: { fullName } }: Instance): boolean {
  const { lv_tag } = runtime.offsets.long_object
  return fullName === 'bool' && (runtime.memory.read(address + lv_tag, 1).readUInt8() & 3) !== 1
}

/** The `repr()` of a string; undefined for what is none. */
function quoted({ runtime, classes }: ValueReader, value: Child['value'] | undefined): string | undefined {
  if (typeof value !== 'number' || (classes.of(value).flags & STR_SUBCLASS) === 0) return undefined
  return quoteStr(readStrData(runtime, value, 4096), runtime.facts.text.unicode)
}
