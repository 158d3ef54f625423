// One step inside a value: an attribute by name, an item by key or index, and the names there are. Attributes are looked
// for as Python does, with one difference: no descriptor runs, so the instance's own come first, and a property of the
// class is found as the property it is.

import type { Address } from '../../../memory/remote-memory.js'
import { readBodyPointer } from '../../objects/body.js'
import { findDictValue, readDict } from '../../objects/containers/dict.js'
import { readDeque, readList, readTuple, type Sequence, type Span } from '../../objects/containers/sequence.js'
import { DICT_SUBCLASS, LIST_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { describe } from '../kinds.js'
import type { Child, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'
import { type Key, matchesKey } from './key.js'
import { readPlainAttributes } from './plain-attributes.js'

const MAX_FIELDS = 4096

export function findAttribute(reader: ValueReader, object: Instance, name: string): Child['value'] | undefined {
  const shape = describe(object, { reader, items: MAX_FIELDS, chars: 1 })
  const named = shape.namespace === undefined ? undefined : findDictValue(reader.runtime, shape.namespace, name)
  if (named !== undefined) return named
  const own = ownAttributes(reader, object, shape).find((one) => one.name === name)
  if (own !== undefined) return own.value
  if (name === '__class__') return object.class.address
  return findClassAttribute(reader, object, name)
}

/** The value that the class or one of its bases has under `name`. */
function findClassAttribute(reader: ValueReader, object: Instance, name: string): Address | undefined {
  const { classes } = reader
  for (const base of classes.order(object.class)) {
    const value = classes.namespace(base).get(name)
    // The descriptor of a slot means that the slot is not set: a set one has been found by then.
    if (value !== undefined) return isSlot(reader, value) ? undefined : value
  }
  return undefined
}

function isSlot({ classes }: ValueReader, value: Address): boolean {
  return classes.of(value).fullName === 'member_descriptor'
}

/** The item under `key`, or at that index. */
export function findItem(reader: ValueReader, object: Instance, key: Key): Address | undefined {
  const dict = dictOf(reader, object)
  if (dict !== undefined)
    return readDict(reader.runtime, dict).find((entry) => matchesKey(reader, entry.key, key))?.value
  const read = sequenceReader(reader, object)
  if (read === undefined || key.kind !== 'int') return undefined
  const index = key.value < 0n ? key.value + BigInt(read({ limit: 0 }).length) : key.value
  return index < 0n ? undefined : read({ start: Number(index), limit: 1 }).items[0]
}

/** Whether it is something whose items have keys or indexes. */
export function hasItems(reader: ValueReader, object: Instance): boolean {
  return dictOf(reader, object) !== undefined || sequenceReader(reader, object) !== undefined
}

/** Names by which attributes can be reached, the instance's own first. */
export function listAttributes(reader: ValueReader, object: Instance): string[] {
  const shape = describe(object, { reader, items: MAX_FIELDS, chars: 1 })
  const own = ownAttributes(reader, object, shape).map(({ name }) => name)
  const { classes } = reader
  const inherited = classes.order(object.class).flatMap((base) => {
    return [...classes.namespace(base)].flatMap(([name, value]) => (isSlot(reader, value) ? [] : [name]))
  })
  return [...new Set([...own, ...inherited])]
}

/** How many items a sequence has; undefined for what is none. */
export function readLength(reader: ValueReader, object: Instance): number | undefined {
  return sequenceReader(reader, object)?.({ limit: 0 }).length
}

/** The keys of a dict or what wraps one; undefined for what is none. */
export function readKeys(reader: ValueReader, object: Instance, limit: number): Address[] | undefined {
  const dict = dictOf(reader, object)
  return dict === undefined ? undefined : readDict(reader.runtime, dict, limit).map(({ key }) => key)
}

function ownAttributes(reader: ValueReader, object: Instance, shape: Shape): Child[] {
  const labelled = (shape.entries ?? []).flatMap(({ label, value }) =>
    label === undefined ? [] : [{ name: label, value }],
  )
  const plain = readPlainAttributes(reader, object, { builtIn: true })
  return [...plain, ...labelled, ...(shape.extra?.() ?? []), ...(shape.hidden?.() ?? [])]
}

function dictOf({ runtime, classes }: ValueReader, { address, class: info }: Instance): Address | undefined {
  if (info.flags & DICT_SUBCLASS || classes.inherits(info, 'frozendict')) return address
  return info.fullName === 'mappingproxy' ? readBodyPointer(runtime, address, 0) : undefined
}

function sequenceReader(
  { runtime, classes }: ValueReader,
  { address, class: info }: Instance,
): ((span: Span) => Sequence) | undefined {
  if (info.flags & LIST_SUBCLASS) return (span) => readList(runtime, address, span)
  if (info.flags & TUPLE_SUBCLASS) return (span) => readTuple(runtime, address, span)
  if (classes.inherits(info, 'collections.deque')) return (span) => readDeque(runtime, address, span)
  return undefined
}
