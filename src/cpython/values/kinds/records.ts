// Values with named fields: named tuples, dataclasses, enum members, namespaces. What makes a class one of them is read
// from the class, where the code that made it has left its marks.

import { readBodyPointer } from '../../objects/body.js'
import type { ClassInfo } from '../../objects/classes.js'
import { readDict } from '../../objects/dict.js'
import { readInt } from '../../objects/int.js'
import { readTuple } from '../../objects/sequence.js'
import { readStr } from '../../objects/str.js'
import { STR_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes } from '../plain-attributes.js'
import type { Child, Describe, DescribeOptions, Part, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

const MAX_FIELDS = 4096

export const recordKinds: Readonly<Record<string, Describe>> = {
  'types.SimpleNamespace': (object, { reader, items }) => {
    const { runtime } = reader
    const entries = readDict(runtime, readBodyPointer(runtime, object.address, 0), items)
    const labelled = entries.map(({ key, value }) => ({ label: readStr(runtime, key), value }))
    const name = object.class.fullName === 'types.SimpleNamespace' ? 'namespace' : object.class.shortName
    return { open: [`${name}(`], entries: labelled, close: ')', steps: 'label', recursive: `${name}(...)` }
  },
}

/** The shape of what is a record by the marks of its class; undefined for all else. */
export const describeRecord = (object: Instance, options: DescribeOptions): Shape | undefined => {
  const { classes } = options.reader
  if (classes.inherits(classes.metaclass(object.class), 'enum.EnumType')) return enumShape(object, options)
  const order = classes.order(object.class)
  const fields = order.map((base) => classes.namespace(base).get('__dataclass_fields__')).find(Boolean)
  if (fields !== undefined) return dataclassShape(object, fields, options)
  if ((object.class.flags & TUPLE_SUBCLASS) === 0 || object.class.fullName === 'tuple') return undefined
  const names = order.map((base) => classes.namespace(base).get('_fields')).find(Boolean)
  return names === undefined ? structSequenceShape(object, options) : namedTupleShape(object, names, options)
}

function enumShape(object: Instance, { reader }: DescribeOptions): Shape {
  const attributes = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
  const [name, value] = [attributes.get('_name_'), attributes.get('_value_')]
  const { shortName } = object.class
  const hidden = (): Child[] => [
    ...(name === undefined ? [] : [{ name: 'name', value: name }]),
    ...(value === undefined ? [] : [{ name: 'value', value }]),
  ]
  if (typeof value !== 'number') return { open: [`<${shortName} member>`], hidden, closed: true }
  const named = typeof name === 'number' && (reader.classes.of(name).flags & STR_SUBCLASS) !== 0
  const label = named ? `.${readStr(reader.runtime, name)}` : ''
  return { open: [`<${shortName}${label}: `, value, '>'], hidden, closed: true }
}

function dataclassShape(object: Instance, fields: number, { reader, items }: DescribeOptions): Shape {
  const attributes = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
  const entries = shownFields(reader, object, fields).flatMap((label) => {
    const value = attributes.get(label) ?? findClassValue(reader, object.class, label)
    return typeof value === 'number' ? [{ label, value }] : []
  })
  return {
    open: [`${object.class.qualifiedName}(`],
    entries: entries.slice(0, items),
    total: entries.length,
    close: ')',
    steps: 'label',
    recursive: '...',
  }
}

function shownFields(reader: ValueReader, object: Instance, fields: number): readonly string[] {
  const known = reader.shownFields.get(object.class.address)
  if (known !== undefined) return known
  const shown = readDict(reader.runtime, fields, MAX_FIELDS).filter(({ value }) => isShownField(reader, value))
  const names = shown.map(({ key }) => readStr(reader.runtime, key))
  reader.shownFields.set(object.class.address, names)
  return names
}

/** A field of the instance's own, and one that `repr=False` does not hide. */
function isShownField(reader: ValueReader, field: number): boolean {
  const attributes = readPlainAttributes(reader, reader.at(field))
  const isTrue = (name: string): boolean => {
    const value = attributes.find((one) => one.name === name)?.value
    return (
      typeof value !== 'number' || reader.classes.of(value).fullName !== 'bool' || readInt(reader.runtime, value) !== 0n
    )
  }
  const kind = attributes.find(({ name }) => name === '_field_type')?.value
  return isTrue('repr') && (typeof kind !== 'number' || isPlainField(reader, kind))
}

/** Fields of the class (`ClassVar`, `InitVar`) are marked by another object of the same class. */
function isPlainField(reader: ValueReader, kind: number): boolean {
  const name = readPlainAttributes(reader, reader.at(kind)).find((one) => one.name === 'name')?.value
  return typeof name !== 'number' || readStr(reader.runtime, name) === '_FIELD'
}

function findClassValue({ classes }: ValueReader, info: ClassInfo, name: string): number | undefined {
  return classes
    .order(info)
    .map((base) => classes.namespace(base).get(name))
    .find(Boolean)
}

function namedTupleShape(object: Instance, names: number, { reader, items: limit }: DescribeOptions): Shape {
  const { runtime } = reader
  const labels = readTuple(runtime, names, { limit: MAX_FIELDS }).items.map((name) => readStr(runtime, name))
  return toTupleShape(object, { labels, reader, limit, open: [`${object.class.shortName}(`] })
}

/** Such as `time.struct_time`: its fields stand in its members, as long as they are shown at all. */
function structSequenceShape(object: Instance, { reader, items: limit }: DescribeOptions): Shape | undefined {
  const { classes, runtime } = reader
  const { ob_item } = runtime.offsets.tuple_object
  const members = classes.members(object.class)
  if (members.length === 0 || !members.every(({ offset }) => offset >= ob_item)) return undefined
  const labels = members.map(({ name }) => name)
  return toTupleShape(object, { labels, reader, limit, open: [`${object.class.name}(`] })
}

interface TupleOptions {
  readonly labels: readonly string[]
  readonly reader: ValueReader
  readonly limit: number
  readonly open: readonly Part[]
}

function toTupleShape(object: Instance, { labels, reader, limit, open }: TupleOptions): Shape {
  const { items, length: total } = readTuple(reader.runtime, object.address, { limit })
  const entries = items.map((value, index) => {
    const label = labels[index]
    return label === undefined ? { value } : { label, value }
  })
  return { open, entries, total, close: ')', steps: 'label' }
}
