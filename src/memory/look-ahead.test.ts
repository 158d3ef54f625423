import { expect, test, vi } from 'vitest'
import { LookAheadMemory } from './look-ahead.js'
import { PAGE_BYTES } from './page.js'
import { RecordedMemory } from './recorded.js'

const page = Buffer.from(Array.from({ length: PAGE_BYTES }, (_, index) => index % 251))

function open() {
  const below = new RecordedMemory(new Map([[PAGE_BYTES, page]]))
  return {
    below,
    memory: new LookAheadMemory(below),
    read: vi.spyOn(below, 'read'),
    readMany: vi.spyOn(below, 'readMany'),
  }
}

test('the fields of what is looked at come in one call', () => {
  const { memory, read, readMany } = open()
  memory.look(PAGE_BYTES + 16)
  expect(memory.read(PAGE_BYTES + 24, 8)).toEqual(page.subarray(24, 32))
  expect(memory.readMany([{ address: PAGE_BYTES + 16, length: 2 }])).toEqual([page.subarray(16, 18)])
  expect([read.mock.calls.length, readMany.mock.calls.length]).toEqual([1, 0])
})

test('what lies elsewhere, or not wholly within it, is read', () => {
  const { memory, read, readMany } = open()
  memory.look(PAGE_BYTES + 64)
  for (const [offset, length] of [
    [56, 16],
    [0, 8],
    [64, 1000],
  ] as const) {
    expect(memory.read(PAGE_BYTES + offset, length)).toEqual(page.subarray(offset, offset + length))
  }
  expect(
    memory.readMany([
      { address: PAGE_BYTES + 64, length: 1 },
      { address: 1, length: 1 },
    ]),
  ).toEqual([page.subarray(64, 65), undefined])
  expect([read.mock.calls.length, readMany.mock.calls.length]).toEqual([4, 1])
})

test('a page that is not there is not needed', () => {
  const { memory } = open()
  memory.look(2 * PAGE_BYTES - 8)
  expect(memory.read(2 * PAGE_BYTES - 8, 8)).toEqual(page.subarray(-8))
  expect(() => memory.look(2 * PAGE_BYTES)).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
})

test('nothing is kept: neither after it is let go, nor over another look', () => {
  const { below, memory } = open()
  const byte = () => memory.read(PAGE_BYTES, 1)[0]
  memory.look(PAGE_BYTES)
  below.write(PAGE_BYTES, Buffer.of(200))
  expect(byte()).toBe(0)
  memory.look(PAGE_BYTES)
  expect(byte()).toBe(200)
  below.write(PAGE_BYTES, Buffer.of(201))
  memory.letGo()
  expect(byte()).toBe(201)
})
