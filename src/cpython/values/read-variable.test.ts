// Values of the recorded images: what is read of each is what the program's own repr() said. And what reading takes.

import { describe, expect, test } from 'vitest'
import { FakeMemory, structure } from '../../../test/fake-memory.js'
import { openImages } from '../../../test/images/open-image.js'
import { readValues } from '../../../test/images/read-everything.js'
import type { Address, RemoteMemory } from '../../memory/remote-memory.js'
import { readTypeOf } from '../objects/type.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readVariable } from './read-variable.js'
import { MAX_CHARS, MAX_DEPTH, ValueReader } from './value-reader.js'
import type { ValueLimits } from './variable.js'

/** Nothing of a process lies below. */
const LOWEST_ADDRESS = 0x40_0000

const images = openImages()
const [image] = images as [(typeof images)[number]]

describe.each(images)('$name', ({ runtime, expected }) => {
  test('recorded values read like their repr()', () => {
    expect(expected.values.length).toBeGreaterThan(55)
    const variables = readValues(runtime, expected)
    expect(variables.map(({ text }) => text)).toEqual(expected.values.map(([, text]) => text))
  })
})

describe('lists drawn beside those of an image', () => {
  const drawn = new FakeMemory()
  const { offsets, memory } = image.runtime
  const value = ofType('NoneType')
  const listType = readTypeOf(image.runtime, ofType('list').address).address
  let reads = 0
  const both: RemoteMemory = {
    read: (address, length) => {
      reads++
      return isDrawn(address) ? drawn.read(address, length) : memory.read(address, length)
    },
    readMany: (ranges) => ranges.map(({ address, length }) => both.read(address, length)),
    write: () => {},
    close: () => {},
  }
  const runtime: Runtime = { ...image.runtime, memory: both }

  function ofType(name: string): { address: Address; text: string } {
    const found = image.expected.values.find(([address]) => readTypeOf(image.runtime, address).name === name)
    return { address: found?.[0] as Address, text: found?.[1] as string }
  }

  function isDrawn(address: Address): boolean {
    return address < LOWEST_ADDRESS
  }

  function drawArray(items: readonly Address[]): Address {
    return drawn.place(structure(items.length * 8, Object.fromEntries(items.map((item, at) => [at * 8, item]))))
  }

  function drawList(items: readonly Address[], { array = drawArray(items), room = items.length } = {}): Address {
    const { size, ob_size, ob_item } = offsets.list_object
    const fields = { [ob_size]: items.length, [ob_item]: array, [ob_item + 8]: room }
    return drawn.place(structure(size, { 0: 1, [offsets.pyobject.ob_type]: listType, ...fields }))
  }

  const read = (address: Address, limits: Partial<ValueLimits>) => {
    return readVariable(new ValueReader(runtime, limits), { name: '', value: address })
  }

  test('a row of a wide table takes few calls: its text twice, its items, and each of these twice', () => {
    const rows = (count: number) =>
      drawList(Array.from({ length: count }, () => drawList([value.address, value.address])))
    const callsFor = (count: number): number => {
      const table = rows(count)
      reads = 0
      expect(read(table, { items: count }).children).toHaveLength(count)
      return reads
    }
    const [few, many] = [callsFor(200), callsFor(300)]
    expect((many - few) / 100).toBe(2 * (1 + 1 + 2) + 2 * (1 + 1) + 2 * 2)
  })

  test.each([
    { what: 'has just grown', room: 8, settles: true },
    { what: 'is longer than its room', room: 4, settles: true },
    { what: 'had room for it', room: 16, settles: false },
  ])('the last item of a list that $what is read once it is stored', ({ room, settles }) => {
    const other = ofType('ellipsis')
    const items = [...new Array<Address>(4).fill(value.address), other.address]
    const array = drawArray(items)
    const list = drawList(items, { array, room })
    const rounds: string[] = []
    const barrier = {
      isNeeded: () => true,
      wait: () => {
        rounds.push('gone on')
        drawn.write(array + 4 * 8, structure(8, { 0: value.address }))
        return true
      },
    }
    const { text, children } = readVariable(new ValueReader(runtime, {}, { barrier }), { name: '', value: list })
    const last = settles ? value.text : other.text
    expect(text).toBe(`[${[...new Array<string>(4).fill(value.text), last].join(', ')}]`)
    expect(children?.at(-1)?.text).toBe(last)
    expect(rounds.length > 0).toBe(settles)
  })

  test('what lies where a value was is not that value', () => {
    const child = { name: '', value: value.address }
    const found = readVariable(new ValueReader(runtime), { ...child, isThere: () => false })
    expect(found).toMatchObject({ text: `${value.text} <changed while it was read>`, truncated: true })
    expect(readVariable(new ValueReader(runtime), { ...child, isThere: () => true }).text).toBe(value.text)
  })

  test('reading a text a second time does not count', () => {
    const reader = new ValueReader(runtime, { items: 1_000, chars: 10_000, depth: 1 })
    reader.left = 1_000
    const list = drawList(new Array<Address>(700).fill(value.address))
    const { text, children } = readVariable(reader, { name: '', value: list })
    expect(text).toBe(`[${new Array<string>(700).fill(value.text).join(', ')}]`)
    // Of its items by themselves there are too many.
    expect(children?.at(-1)).toMatchObject({ text: '…', truncated: true })
  })

  test('all texts together have as many characters as they may have', () => {
    const reader = new ValueReader(runtime, { items: 1_000, chars: 10_000, depth: 1 })
    const list = drawList(new Array<Address>(10).fill(value.address))
    const nameAndText = '[0]'.length + value.text.length
    // For the text of the list itself, and that of two of its items.
    reader.leftChars = `[${new Array<string>(10).fill(value.text).join(', ')}]`.length + 2 * nameAndText
    const { children } = readVariable(reader, { name: '', value: list })
    expect(children?.map(({ text }) => text)).toEqual([value.text, value.text, ...new Array<string>(8).fill('…')])
    expect(children?.slice(2).every(({ truncated }) => truncated)).toBe(true)
    expect(new ValueReader(runtime, { chars: 300 }).leftChars).toBe(MAX_CHARS + 300)
  })

  test('a list within itself is opened once', () => {
    const reader = new ValueReader(runtime, { depth: MAX_DEPTH })
    const array = drawArray([value.address, value.address, value.address])
    const list = drawList([value.address, value.address, value.address], { array })
    drawn.write(array, structure(16, { 0: list, 8: list }))
    const { text, children } = readVariable(reader, { name: '', value: list })
    expect(text).toBe(`[[...], [...], ${value.text}]`)
    expect(children?.map((child) => child.text)).toEqual([text, text, value.text])
    expect(children?.flatMap((child) => child.children ?? [])).toEqual([])
  })
})
