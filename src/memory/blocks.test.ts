import { expect, test, vi } from 'vitest'
import { BlockMemory } from './blocks.js'
import { PAGE_BYTES } from './page.js'
import { RecordedMemory } from './recorded.js'

const BLOCK = 16 * 1024
const bytes = Buffer.from(Array.from({ length: 2 * BLOCK }, (_, index) => index % 251))

function recorded(length: number): RecordedMemory {
  const starts = Array.from({ length: length / PAGE_BYTES }, (_, index) => index * PAGE_BYTES)
  return new RecordedMemory(new Map(starts.map((at) => [BLOCK + at, bytes.subarray(at, at + PAGE_BYTES)])))
}

function open() {
  const below = recorded(bytes.length)
  return { memory: new BlockMemory(below), read: vi.spyOn(below, 'read'), readMany: vi.spyOn(below, 'readMany') }
}

test('what lies in one block comes in one call, until it is forgotten', () => {
  const { memory, read, readMany } = open()
  for (const at of [0, 8, 5000, BLOCK - 8]) expect(memory.read(BLOCK + at, 8)).toEqual(bytes.subarray(at, at + 8))
  expect(memory.readMany([{ address: BLOCK + 16, length: 4 }])).toEqual([bytes.subarray(16, 20)])
  expect([read.mock.calls.length, readMany.mock.calls.length]).toEqual([0, 1])
  memory.forget()
  memory.read(BLOCK, 8)
  expect(readMany).toHaveBeenCalledTimes(2)
})

test('no block is used for ever', () => {
  const { memory, readMany } = open()
  for (let reads = 0; reads < 100_000; reads++) memory.read(BLOCK, 8)
  expect(readMany.mock.calls.length).toBeGreaterThan(1)
})

test('what lies in two blocks, is long, or lies where no whole block can be read, is read as it is', () => {
  const { memory } = open()
  expect(memory.read(2 * BLOCK - 4, 8)).toEqual(bytes.subarray(BLOCK - 4, BLOCK + 4))
  expect(memory.read(BLOCK, 10_000)).toEqual(bytes.subarray(0, 10_000))
  expect(memory.readMany([{ address: 4 * BLOCK, length: 8 }])).toEqual([undefined])
  expect(() => memory.read(4 * BLOCK, 8)).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
  const partial = new BlockMemory(recorded(PAGE_BYTES))
  expect(partial.read(BLOCK + 4000, 8)).toEqual(bytes.subarray(4000, 4008))
})
