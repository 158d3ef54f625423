// Lists, tuples, deques and sets.

import { readDeque, readList, readTuple } from '../../objects/containers/sequence.js'
import { readSet } from '../../objects/containers/set.js'
import type { Instance } from '../instance.js'
import { overrides } from '../repr-source.js'
import type { DescribeOptions, DescribeSome, Entry, Shape } from '../shape.js'

const toEntries = (items: readonly number[]): Entry[] => items.map((value) => ({ value }))

export const sequenceKinds: Readonly<Record<string, DescribeSome>> = {
  list: ({ address }, { reader, items: limit }) => {
    const { items, length: total, mayHaveGrown } = readList(reader.runtime, address, { limit })
    return {
      open: ['['],
      entries: toEntries(items),
      total,
      unsettled: mayHaveGrown,
      close: ']',
      steps: 'index',
      recursive: '[...]',
    }
  },
  tuple: ({ address }, { reader, items: limit }) => {
    const { items, length: total } = readTuple(reader.runtime, address, { limit })
    return {
      open: ['('],
      entries: toEntries(items),
      total,
      close: ')',
      steps: 'index',
      recursive: '(...)',
      comma: true,
    }
  },
  'collections.deque': (object, { reader, items: limit }) => {
    if (overrides(reader, object.class, 'collections.deque', ['__iter__'])) return undefined
    const { items, length: total, maxLength } = readDeque(reader.runtime, object.address, { limit })
    const close = maxLength === undefined ? '])' : `], maxlen=${maxLength})`
    const open = [`${object.class.shortName}([`]
    return { open, entries: toEntries(items), total, close, steps: 'index', recursive: '[...]' }
  },
  set: setShape('set'),
  frozenset: setShape('frozenset'),
}

function setShape(kind: string): DescribeSome {
  return (object, options) =>
    overrides(options.reader, object.class, kind, ['__iter__']) ? undefined : describeSet(object, options)
}

function describeSet(object: Instance, { reader: { runtime }, items: limit }: DescribeOptions): Shape {
  const total = Number(runtime.memory.read(object.address + runtime.offsets.set_object.used, 8).readBigInt64LE())
  const entries = toEntries(limit < total ? readSet(runtime, object.address, limit) : readSet(runtime, object.address))
  const name = object.class.shortName
  const bare = isExactSet(object)
  return {
    open: [bare ? '{' : `${name}({`],
    entries,
    total: Math.max(total, entries.length),
    close: bare ? '}' : '})',
    empty: `${name}()`,
    recursive: `${name}(...)`,
    steps: 'none',
  }
}

function isExactSet({ class: { fullName } }: Instance): boolean {
  return fullName === 'set'
}
