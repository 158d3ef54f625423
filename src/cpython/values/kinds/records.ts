// Values with named fields: named tuples, dataclasses, namespaces, and what C makes like a named tuple. Which fields
// a dataclass or a named tuple shows is read from the very function that shows them: the class may say otherwise.

import { readBodyPointer } from '../../objects/body.js'
import type { ClassInfo } from '../../objects/classes.js'
import { readDict } from '../../objects/containers/dict.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { type PythonFunction, readCodeNames, readFunction } from '../../objects/function.js'
import { readStr } from '../../objects/scalars/str.js'
import { STR_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { chooseStored, readPlainAttributes } from '../names/plain-attributes.js'
import { isPythonClass, type ReprSource } from '../repr-source.js'
import type { Child, Describe, DescribeSome, Entry, Part, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

export const recordKinds: Readonly<Record<string, Describe>> = {
  'types.SimpleNamespace': (object, { reader, items }) => {
    const { runtime } = reader
    const entries = readDict(runtime, readBodyPointer(runtime, object.address, 0), items)
    const labelled = entries.map(({ key, value }) => ({ label: readStr(runtime, key), value }))
    const name = object.class.fullName === 'types.SimpleNamespace' ? 'namespace' : object.class.shortName
    return { open: [`${name}(`], entries: labelled, close: ')', steps: 'label', recursive: `${name}(...)` }
  },
}

/** How instances of a class are shown by the `__repr__` that code of the standard library has made for it. */
export function findGenerated(reader: ValueReader, source: ReprSource): DescribeSome | undefined {
  if (source.kind !== 'python') return undefined
  if (source.name === 'collections.namedtuple.<locals>.__repr__') return namedTuple(reader, source.code)
  const generated = unwrap(reader, source.code)
  if (generated?.qualifiedName !== '__create_fn__.<locals>.__repr__' || generated.file !== '<string>') return undefined
  // Before the fields, it names the class.
  const [first, second, ...names] = readCodeNames(reader.runtime, generated.code)
  return first === '__class__' && second === '__qualname__' ? dataclass(names) : undefined
}

/** What `reprlib.recursive_repr` was put around: the last that it has closed over. */
function unwrap({ runtime, classes }: ValueReader, code: PythonFunction): PythonFunction | undefined {
  if (code.qualifiedName !== 'recursive_repr.<locals>.decorating_function.<locals>.wrapper') return undefined
  const inner = code.closure.at(-1) ?? 0
  return inner !== 0 && classes.of(inner).fullName === 'function' ? readFunction(runtime, inner) : undefined
}

function dataclass(names: readonly string[]): DescribeSome {
  return (object, { reader, items }) => {
    const own = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
    const entries: Entry[] = []
    for (const label of names) {
      const value = chooseStored(reader, object.class, { name: label, own: own.get(label) })
      if (typeof value !== 'number') return undefined
      entries.push({ label, value })
    }
    return {
      open: [`${object.class.qualifiedName}(`],
      entries: entries.slice(0, items),
      total: entries.length,
      close: ')',
      steps: 'label',
      recursive: '...',
    }
  }
}

/** The format that a named tuple fills in, such as `(x=%r, y=%r)`, is what its `__repr__` has closed over. */
function namedTuple({ runtime, classes }: ValueReader, { closure }: PythonFunction): DescribeSome | undefined {
  const [format = 0] = closure
  if (format === 0 || (classes.of(format).flags & STR_SUBCLASS) === 0) return undefined
  const labels = [...readStr(runtime, format, 65_536).matchAll(/([^\s(,=]+)=%r/g)].map(([, label]) => label as string)
  return (object, { reader, items }) => {
    if ((object.class.flags & TUPLE_SUBCLASS) === 0) return undefined
    const shape = tupleShape(object, { labels, reader, limit: items, open: [`${object.class.shortName}(`] })
    return shape.total === labels.length ? shape : undefined
  }
}

/** The fields of a named tuple, which its class keeps under their names. */
export function readTupleFields({ classes, runtime }: ValueReader, object: Instance): Child[] {
  if ((object.class.flags & TUPLE_SUBCLASS) === 0) return []
  const named = classes.order(object.class).flatMap((base) => [...classes.namespace(base)])
  const places = named.flatMap(([name, value]) => {
    if (classes.of(value).fullName !== 'collections._tuplegetter') return []
    return [{ name, index: readBodyPointer(runtime, value, 0) }]
  })
  if (places.length === 0) return []
  const { items } = readTuple(runtime, object.address, { limit: Math.max(...places.map(({ index }) => index)) + 1 })
  return places.flatMap(({ name, index }) => {
    const value = items[index]
    return value === undefined ? [] : [{ name, value }]
  })
}

/** Such as `time.struct_time`: its fields stand in its members, as long as they are shown at all. */
export function findStructSequence({ classes, runtime }: ValueReader, info: ClassInfo): Describe | undefined {
  if ((info.flags & TUPLE_SUBCLASS) === 0 || isPythonClass(info)) return undefined
  // All such classes say how many fields they show; those of the interpreter itself keep that elsewhere.
  if (info.dict !== 0 && !classes.namespace(info).has('n_sequence_fields')) return undefined
  const members = classes.members(info)
  const { ob_item } = runtime.offsets.tuple_object
  if (members.length === 0 || !members.every(({ offset }) => offset >= ob_item)) return undefined
  const labels = members.map(({ name }) => name)
  return (object, { reader, items: limit }) => {
    return tupleShape(object, { labels, reader, limit, open: [`${object.class.name}(`] })
  }
}

interface TupleOptions {
  readonly labels: readonly string[]
  readonly reader: ValueReader
  readonly limit: number
  readonly open: readonly Part[]
}

function tupleShape(object: Instance, { labels, reader, limit, open }: TupleOptions): Shape {
  const { items, length: total } = readTuple(reader.runtime, object.address, { limit })
  const entries = items.map((value, index) => {
    const label = labels[index]
    return label === undefined ? { value } : { label, value }
  })
  return { open, entries, total, close: ')', steps: 'label' }
}
