import { expect, test } from 'vitest'
import { PAGE_BYTES } from './page.js'
import { RecordedMemory } from './recorded.js'
import { RecordingMemory } from './recording.js'

const page = (index: number) => index * PAGE_BYTES
const pages = new Map([1, 2, 3, 4, 5].map((index) => [page(index), Buffer.alloc(PAGE_BYTES, index)]))

test('remembers the pages that were read, whole and in order, and no others', () => {
  const memory = new RecordingMemory(new RecordedMemory(pages))
  memory.read(page(4) + 100, 1)
  memory.readMany([
    { address: page(2) - 1, length: 2 },
    { address: page(5) + 1, length: PAGE_BYTES },
  ])
  expect(() => memory.read(page(9), 1)).toThrow()
  const copied = memory.copyPages()
  expect([...copied.keys()]).toEqual([1, 2, 4].map(page))
  expect(copied.get(page(4))).toEqual(pages.get(page(4)))
})

test('copies a page as it is in the end', () => {
  const memory = new RecordingMemory(new RecordedMemory(pages))
  memory.read(page(1), 1)
  memory.write(page(1) + 8, Buffer.from('changed'))
  expect(memory.copyPages().get(page(1))?.toString('latin1', 8, 15)).toBe('changed')
})
