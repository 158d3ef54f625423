import { expect, test } from 'vitest'
import { structure } from '../../../../test/fake-memory.js'
import { type FakeRuntime, fakeRuntime } from '../../../../test/fake-objects.js'
import { readDeque, readList, readTuple } from './sequence.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })
const addresses = (count: number, first = 1) => Array.from({ length: count }, (_, index) => (first + index) * 16)

/** The table that these readers ask for, beside what the others draw. */
function runtimeWithSequences({ freeThreaded = false } = {}): FakeRuntime {
  const runtime = fakeRuntime({ freeThreaded })
  const header = runtime.offsets.pyobject.size
  const tuple_object = { size: header + 24, ob_size: header, ob_item: header + 16 }
  const list_object = { size: header + 24, ob_size: header, ob_item: header + 8 }
  return { ...runtime, offsets: { ...runtime.offsets, tuple_object, list_object } }
}

function words(...all: number[]): Buffer {
  return structure(all.length * 8, Object.fromEntries(all.map((word, index) => [index * 8, word])))
}

test.each([false, true])('a tuple and a list, free-threaded: %s', (freeThreaded) => {
  const { memory, ...rest } = runtimeWithSequences({ freeThreaded })
  const runtime = { ...rest, memory }
  const header = structure(runtime.offsets.pyobject.size)
  const items = addresses(5)
  const tuple = memory.place(Buffer.concat([header, words(5, 0, ...items)]))
  const array = memory.place(words(...items))
  const drawList = (room: number) => memory.place(Buffer.concat([header, words(5, array, room)]))
  const list = drawList(5)
  expect(readTuple(runtime, tuple, { limit: 9 })).toEqual({ items, length: 5 })
  expect(readList(runtime, list, { limit: 2 })).toEqual({ items: items.slice(0, 2), length: 5, mayHaveGrown: false })
  for (const room of [8, 4]) {
    const grown = { items: items.slice(3), length: 5, mayHaveGrown: true }
    expect(readList(runtime, drawList(room), { start: 3, limit: 9 })).toEqual(grown)
  }
  expect(readTuple(runtime, tuple, { start: 7, limit: 1 })).toEqual({ items: [], length: 5 })
})

test('a length that cannot be is none', () => {
  const runtime = runtimeWithSequences()
  for (const length of [-1, 2 ** 44]) {
    const tuple = runtime.memory.place(Buffer.concat([structure(16), words(length, 0, 16)]))
    expect(() => readTuple(runtime, tuple, { limit: 1 })).toThrow(unreadable)
  }
})

/** A deque of blocks of 64 items, the first of which begins at `first`. */
function drawDeque(runtime: FakeRuntime, items: readonly number[], first: number, length = items.length): number {
  const slots = [...Array.from({ length: first }, () => 0), ...items]
  const blocks = Math.max(Math.ceil(slots.length / 64), 1)
  const starts = Array.from({ length: blocks }, () => runtime.memory.place(Buffer.alloc(66 * 8)))
  for (const [index, start] of starts.entries()) {
    const content = Array.from({ length: 64 }, (_, at) => slots[index * 64 + at] ?? 0)
    runtime.memory.write(start, words(0, ...content, starts[index + 1] ?? 0))
  }
  return runtime.memory.place(Buffer.concat([structure(16), words(length, starts[0] ?? 0, 0, first, 0, 0, -1)]))
}

test.each([0, 1, 63])('a deque whose first block begins at %d', (first) => {
  const runtime = runtimeWithSequences()
  const items = addresses(200)
  const deque = drawDeque(runtime, items, first)
  expect(readDeque(runtime, deque, { limit: 1000 })).toEqual({ items, length: 200, maxLength: undefined })
  expect(readDeque(runtime, deque, { limit: 3 }).items).toEqual(items.slice(0, 3))
  expect(readDeque(runtime, deque, { start: 199, limit: 1 }).items).toEqual([items[199]])
})

test('a deque that ends before its length, or begins beyond a block', () => {
  const runtime = runtimeWithSequences()
  expect(() => readDeque(runtime, drawDeque(runtime, addresses(3), 0, 500), { limit: 500 })).toThrow(unreadable)
  expect(() => readDeque(runtime, drawDeque(runtime, addresses(3), 64), { limit: 500 })).toThrow(unreadable)
})
