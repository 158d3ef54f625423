import { expect, test } from 'vitest'
import { PAGE_BYTES } from './page.js'
import { RecordedMemory } from './recorded.js'
import { MAX_READ_BYTES } from './remote-memory.js'

const first = 16 * PAGE_BYTES
const pages = new Map([
  [first, Buffer.alloc(PAGE_BYTES, 'a')],
  [first + PAGE_BYTES, Buffer.alloc(PAGE_BYTES, 'b')],
])
const end = first + 2 * PAGE_BYTES

test('reads across pages', () => {
  const memory = new RecordedMemory(pages)
  expect(memory.read(first + PAGE_BYTES - 2, 4).toString()).toBe('aabb')
  expect(memory.read(first, 2 * PAGE_BYTES)).toEqual(Buffer.concat([...pages.values()]))
  expect(memory.read(first, 0)).toEqual(Buffer.alloc(0))
})

test.each([
  ['before the first page', first - 1, 2],
  ['behind the last page', end - 1, 2],
  ['nowhere', end + PAGE_BYTES, 1],
  ['at NULL', 0, 8],
  ['at a torn word', 2 ** 64, 8],
  ['a negative length', first, -1],
  ['more than any read may be', first, MAX_READ_BYTES + 1],
])('refuses to read %s', (_, address, length) => {
  const memory = new RecordedMemory(pages)
  expect(() => memory.read(address, length)).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
  expect(
    memory.readMany([
      { address, length },
      { address: first, length: 1 },
    ]),
  ).toEqual([undefined, Buffer.from('a')])
})

test('keeps writes to itself, across pages', () => {
  const memory = new RecordedMemory(pages)
  const before = memory.read(first + PAGE_BYTES - 2, 4)
  memory.write(first + PAGE_BYTES - 1, Buffer.from('XY'))
  expect(memory.read(first + PAGE_BYTES - 2, 4).toString()).toBe('aXYb')
  expect(before.toString()).toBe('aabb')
  expect(new RecordedMemory(pages).read(first + PAGE_BYTES - 2, 4).toString()).toBe('aabb')
})

test('refuses a write that leaves its pages, and then writes nothing', () => {
  const memory = new RecordedMemory(pages)
  expect(() => memory.write(end - 1, Buffer.from('XY'))).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
  expect(memory.read(end - 1, 1).toString()).toBe('b')
})
