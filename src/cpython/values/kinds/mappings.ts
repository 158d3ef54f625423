// Dicts of every kind, and what wraps one.

import type { Address } from '../../../memory/remote-memory.js'
import { readBodyPointer } from '../../objects/body.js'
import { type DictEntry, readDict, readDictLength } from '../../objects/containers/dict.js'
import { readOrderedKeys } from '../../objects/containers/ordered-dict.js'
import { readFloat } from '../../objects/scalars/float.js'
import { readInt } from '../../objects/scalars/int.js'
import { INT_SUBCLASS } from '../../objects/type.js'
import { readPointer } from '../../pointer.js'
import type { Instance } from '../instance.js'
import { overrides } from '../repr-source.js'
import type { DescribeSome, Entry, Part, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** A longer Counter is shown in the order of its dict. */
const MAX_SORTED = 100_000

export const mappingKinds: Readonly<Record<string, DescribeSome>> = {
  dict: ({ address }, { reader, items }) => dictShape(reader, address, items),
  frozendict: (object, { reader, items }) => named(object, dictShape(reader, object.address, items)),
  'collections.OrderedDict': (object, { reader, items }) => {
    if (overrides(reader, object.class, 'collections.OrderedDict', ['items'])) return undefined
    const { entries: _, ...shape } = named(object, dictShape(reader, object.address, 0))
    return { ...shape, entries: orderedEntries(reader, object.address, items), recursive: '...' }
  },
  'collections.defaultdict': (object, { reader, items }) => {
    const factory = readPointer(reader.runtime.memory, object.address + reader.runtime.offsets.dict_object.size)
    const open: Part[] = [`${object.class.shortName}(`, factory === 0 ? 'None' : factory, ', ']
    return { ...wrapped(open, dictShape(reader, object.address, items)), recursive: '...', recursiveInside: true }
  },
  mappingproxy: ({ address }, { reader }) => {
    return { open: ['mappingproxy(', readBodyPointer(reader.runtime, address, 0), ')'], closed: true }
  },
  dict_keys: (object, { reader, items }) => viewShape(object, reader, items, ({ key }) => ({ value: key })),
  dict_values: (object, { reader, items }) => viewShape(object, reader, items, ({ value }) => ({ value })),
  dict_items: (object, { reader, items }) =>
    viewShape(object, reader, items, ({ key, value }) => ({ key, value, pair: true })),
}

/** Those written in Python, by the function that shows them. */
export const pythonMappingKinds: Readonly<Record<string, DescribeSome>> = {
  'collections.Counter.__repr__': (object, { reader, items }) => {
    if (overrides(reader, object.class, 'collections.Counter', ['most_common', 'items', '__len__', '__bool__'])) {
      return undefined
    }
    const shape = named(object, dictShape(reader, object.address, items))
    if ((shape.total ?? 0) > MAX_SORTED) return shape
    const all = sortByCount(reader, readDict(reader.runtime, object.address, MAX_SORTED))
    return { ...shape, entries: all.slice(0, items), total: all.length }
  },
}

function dictShape(reader: ValueReader, address: Address, items: number): Shape {
  const entries = readDict(reader.runtime, address, items)
  const total = Math.max(readDictLength(reader.runtime, address), entries.length)
  return { open: ['{'], entries, total, close: '}', steps: 'key', recursive: '{...}' }
}

/** `Name({…})`, and `Name()` when it is empty. */
function named({ class: { shortName } }: Instance, shape: Shape): Shape {
  return { ...wrapped([`${shortName}(`], shape), empty: `${shortName}()` }
}

function wrapped(open: readonly Part[], shape: Shape): Shape {
  return { ...shape, open: [...open, ...shape.open], close: `${shape.close})` }
}

type ViewEntry = (entry: DictEntry) => Entry

function viewShape(object: Instance, reader: ValueReader, items: number, toEntry: ViewEntry): Shape {
  const dict = readBodyPointer(reader.runtime, object.address, 0)
  const { entries: plain = [], total = 0 } = dictShape(reader, dict, items)
  const { classes } = reader
  const isOrdered = classes.inherits(classes.of(dict), 'collections.OrderedDict')
  const entries = isOrdered ? orderedEntries(reader, dict, items) : plain
  return {
    open: [`${object.class.shortName}([`],
    entries: (entries as DictEntry[]).map(toEntry),
    total,
    close: '])',
    steps: 'none',
    recursive: '...',
  }
}

/** In the order of the keys' own list, which `move_to_end` changes. */
function orderedEntries({ runtime }: ValueReader, address: Address, items: number): DictEntry[] {
  const values = new Map(readDict(runtime, address).map(({ key, value }) => [key, value]))
  return readOrderedKeys(runtime, address, items).flatMap((key) => {
    const value = values.get(key)
    return value === undefined ? [] : [{ key, value }]
  })
}

/** The most common first, as `Counter` shows itself where all counts are numbers. */
function sortByCount({ runtime, classes }: ValueReader, entries: readonly DictEntry[]): readonly DictEntry[] {
  const counted = entries.map((entry) => {
    const { flags, fullName } = classes.of(entry.value)
    if (flags & INT_SUBCLASS) return { entry, count: readInt(runtime, entry.value) }
    return { entry, count: fullName === 'float' ? readFloat(runtime, entry.value) : undefined }
  })
  if (counted.some(({ count }) => count === undefined)) return entries
  counted.sort((a, b) => (a.count === b.count ? 0 : (a.count as number) < (b.count as number) ? 1 : -1))
  return counted.map(({ entry }) => entry)
}
