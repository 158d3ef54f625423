// Modules and classes, whose insides are namespaces, and objects that refer to one other: cells and weak references.

import { readBodyPointer } from '../../objects/body.js'
import { readDict } from '../../objects/dict.js'
import { readStr, readStrData } from '../../objects/str.js'
import { STR_SUBCLASS } from '../../objects/type.js'
import { readPlainAttributes } from '../plain-attributes.js'
import { quoteStr } from '../quote.js'
import { type Child, type Describe, type Instance, type Shape, textShape, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** Names of one module beyond this are not looked at. */
const MAX_NAMES = 100_000

const weakReference: Describe = ({ address, class: { name } }, { reader }) => {
  const referent = readBodyPointer(reader.runtime, address, 0)
  const start = `<${name === 'weakref.ReferenceType' ? 'weakref' : name} at ${toHex(address)}; `
  // A dead reference points to None.
  if (referent === 0 || reader.classes.of(referent).fullName === 'NoneType') return textShape(`${start}dead>`)
  const extra = (): Child[] => [{ name: '__referent__', value: referent }]
  return { open: [`${start}to ${quoteName(reader, referent)} at ${toHex(referent)}>`], extra }
}

export const referenceKinds: Readonly<Record<string, Describe>> = {
  module: (object, { reader }) => {
    const dict = readBodyPointer(reader.runtime, object.address, 0)
    const entries = (): Child[] => readNamespace(reader, dict)
    return {
      open: [moduleText(reader, entries())],
      extra: () => entries().filter(isPublic),
      hidden: entries,
      aside: true,
    }
  },
  type: ({ address }, { reader }): Shape => {
    const info = reader.classes.at(address)
    const entries = (): Child[] => [...reader.classes.namespace(info)].map(([name, value]) => ({ name, value }))
    const inherited = (): Child[] =>
      reader.classes.order(info).flatMap((base) => {
        return [...reader.classes.namespace(base)].map(([name, value]) => ({ name, value }))
      })
    const text = `<class '${info.fullName.replace(/^builtins\./, '')}'>`
    return { open: [text], extra: () => entries().filter(isPublic), hidden: inherited, aside: true }
  },
  cell: ({ address }, { reader }) => {
    const value = readBodyPointer(reader.runtime, address, 0)
    if (value === 0) return textShape(`<cell at ${toHex(address)}: empty>`)
    const text = `<cell at ${toHex(address)}: ${reader.classes.of(value).name} object at ${toHex(value)}>`
    return { open: [text], extra: () => [{ name: 'cell_contents', value }] }
  },
  'weakref.ReferenceType': weakReference,
  'weakref.ProxyType': weakReference,
  property: (object) => ({ ...textShape(`<property object at ${toHex(object.address)}>`), closed: true }),
}

function readNamespace({ runtime, classes }: ValueReader, dict: number): Child[] {
  return readDict(runtime, dict, MAX_NAMES).flatMap(({ key, value }) => {
    return classes.of(key).flags & STR_SUBCLASS ? [{ name: readStr(runtime, key), value }] : []
  })
}

function isPublic({ name }: Child): boolean {
  return !/^__.*__$/.test(name)
}

/** As `importlib` shows a module: by its specification, else by its file. */
function moduleText(reader: ValueReader, entries: readonly Child[]): string {
  const own = new Map(entries.map(({ name, value }) => [name, value as number]))
  const spec = own.get('__spec__')
  const isSpec = spec !== undefined && reader.classes.of(spec).fullName !== 'NoneType'
  const specified = isSpec
    ? new Map(readPlainAttributes(reader, reader.at(spec)).map((one) => [one.name, one.value]))
    : own
  const name = quoted(reader, specified.get(isSpec ? 'name' : '__name__')) ?? "'?'"
  const origin = isSpec ? specified.get('origin') : own.get('__file__')
  const text = quoted(reader, origin)
  if (text === undefined) return `<module ${name}>`
  const located = specified.get('_set_fileattr')
  const hasLocation = !isSpec || (typeof located === 'number' && isTrue(reader, reader.at(located)))
  return `<module ${name} ${hasLocation ? `from ${text}` : `(${text.slice(1, -1)})`}>`
}

function isTrue({ runtime }: ValueReader, { address, class: { fullName } }: Instance): boolean {
  const { lv_tag } = runtime.offsets.long_object
  return fullName === 'bool' && (runtime.memory.read(address + lv_tag, 1).readUInt8() & 3) !== 1
}

/** The `repr()` of a string; undefined for what is none. */
function quoted({ runtime, classes }: ValueReader, value: Child['value'] | undefined): string | undefined {
  if (typeof value !== 'number' || (classes.of(value).flags & STR_SUBCLASS) === 0) return undefined
  return quoteStr(readStrData(runtime, value, 4096), runtime.version.minor)
}

function quoteName({ classes }: ValueReader, object: number): string {
  return `'${classes.of(object).name}'`
}
