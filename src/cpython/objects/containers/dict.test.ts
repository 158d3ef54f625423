import { describe, expect, test } from 'vitest'
import { drawDict, drawStr, drawValues, fakeRuntime } from '../../../../test/fake-objects.js'
import { openImages } from '../../../../test/images/open-image.js'
import { findDictValue, readDict } from './dict.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })
const toPairs = (entries: readonly { key: number; value: number }[]) => entries.map(({ key, value }) => [key, value])

describe.each(openImages())('$name', ({ runtime, expected }) => {
  test.each(Object.entries(expected.objects.dicts))('%s', (_, [address, entries]) => {
    expect(toPairs(readDict(runtime, address))).toEqual(entries)
    expect(toPairs(readDict(runtime, address, 2))).toEqual(entries.slice(0, 2))
  })

  test('a value by its key, which has to be a str', () => {
    const [deleted, entries] = expected.objects.dicts.deleted!
    expect(findDictValue(runtime, deleted, 'key1')).toBe(entries[0]?.[1])
    expect(findDictValue(runtime, deleted, 'key18')).toBe(entries.at(-1)?.[1])
    for (const absent of ['key0', 'key4', 'KEY1', 'é', ''])
      expect(findDictValue(runtime, deleted, absent)).toBeUndefined()
    const [general, mixed] = expected.objects.dicts['general keys']!
    expect(findDictValue(runtime, general, 'two')).toBe(mixed[1]?.[1])
    expect(findDictValue(runtime, general, 'one')).toBeUndefined()
  })
})

describe.each([false, true])('drawn; free-threaded: %s', (freeThreaded) => {
  const pairs = [
    [0x100, 0x200],
    [0, 0],
    [0x110, 0x210],
  ] as const
  const kept = [
    [0x100, 0x200],
    [0x110, 0x210],
  ]

  test.each([
    ['an index of bytes', { log2Size: 3, log2IndexBytes: 3 }],
    ['an index of 2-byte words', { log2Size: 9, log2IndexBytes: 10 }],
    ['an index of 4-byte words', { log2Size: 17, log2IndexBytes: 19 }],
  ])('%s, with all-str and general keys', (_, layout) => {
    const runtime = fakeRuntime({ freeThreaded })
    for (const kind of [0, 1, 2]) {
      expect(toPairs(readDict(runtime, drawDict(runtime, pairs, { ...layout, kind })))).toEqual(kept)
    }
  })

  test('split: the values in the order in which they were set', () => {
    const runtime = fakeRuntime({ freeThreaded })
    const keys = [0x100, 0x110, 0x120].map((key) => [key, 0] as const)
    const values = drawValues(runtime, [0x200, 0, 0x220, 0], [2, 1, 0])
    expect(toPairs(readDict(runtime, drawDict(runtime, keys, { kind: 2, values })))).toEqual([
      [0x120, 0x220],
      [0x100, 0x200],
    ])
  })
})

test.each([
  ['an unknown kind', { kind: 3 }],
  ['more entries than slots', { count: 9 }],
  ['a negative number of entries', { count: -1 }],
  ['more slots than memory has', { log2Size: 41, count: 2 ** 40 }],
  ['a table that ends in nowhere', { log2Size: 40, count: 2 ** 40 }],
  ['entries in nowhere', { log2IndexBytes: 43 }],
])('refuses a dict with %s', (_, layout) => {
  const runtime = fakeRuntime()
  expect(() => readDict(runtime, drawDict(runtime, [[1, 2]], layout))).toThrow(unreadable)
})

test('refuses values that contradict themselves', () => {
  const runtime = fakeRuntime()
  const read = (values: number) => readDict(runtime, drawDict(runtime, [[1, 0]], { kind: 2, values }))
  expect(read(drawValues(runtime, [5], [0]))).toEqual([{ key: 1, value: 5 }])
  expect(() => read(drawValues(runtime, [5], [0, 0]))).toThrow(unreadable)
  expect(() => read(drawValues(runtime, [5], [1]))).toThrow(unreadable)
  // A place that the keys have and the values have not.
  const keys = [
    [1, 0],
    [2, 0],
  ] as const
  const values = drawValues(runtime, [5], [1])
  expect(() => readDict(runtime, drawDict(runtime, keys, { kind: 2, values }))).toThrow(unreadable)
  // A value of which the keys do not know.
  expect(() => read(drawValues(runtime, [5, 6], [1]))).toThrow(unreadable)
})

test('a key that is no string is not the one that is looked for', () => {
  const runtime = fakeRuntime()
  const [broken, right] = [
    drawStr(runtime, Buffer.from('name'), { kind: 3 as 1, length: 4 }),
    drawStr(runtime, Buffer.from('name'), { kind: 1, ascii: true }),
  ]
  const dict = drawDict(runtime, [
    [broken, 1],
    [right, 2],
  ])
  expect(findDictValue(runtime, dict, 'name')).toBe(2)
})
