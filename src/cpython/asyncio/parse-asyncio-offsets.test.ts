import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import type { AsyncioOffsets } from './asyncio-offsets.js'
import { parseAsyncioOffsets } from './parse-asyncio-offsets.js'

const corrupt = expect.objectContaining({ code: 'RUNTIME_CORRUPT' })

function toBytes(words: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(words.length * 8)
  words.forEach((word, index) => void bytes.writeBigUInt64LE(BigInt(word), index * 8))
  return bytes
}

describe.each(openImages())('$name', ({ runtime, expected: { asyncio } }) => {
  // The table as it lay in that process.
  const words = Object.entries(runtime.facts.asyncio.schema).flatMap(([group, fields]) =>
    fields.map(
      (field: string) => (asyncio[group as keyof AsyncioOffsets] as Readonly<Record<string, number>>)[field] as number,
    ),
  )
  const withWord = (index: number, value: number | bigint) =>
    toBytes(words.map((word, at) => (at === index ? Number(value) : word)))

  test('a table that is right', () => {
    const offsets = parseAsyncioOffsets(toBytes(words), runtime)
    expect(offsets).toEqual(asyncio)
    expect(words.length * 8).toBe(runtime.facts.asyncio.tableBytes)
    expect(offsets.task).toMatchObject({ size: 168, task_name: 136, task_node: 152 })
    expect(offsets.future).toEqual({ size: 110, fut_loop: 16, fut_state: 104 })
    expect(offsets.derived).toEqual({ task_fut_waiter: 120, task_num_cancels_requested: 112 })
    expect(offsets.interpreter_state.asyncio_tasks_head).toBe(words[8])
  })

  test('each offset may reach the end of its structure, and no further', () => {
    // name, awaited_by, awaited_by_is_set, node; head; running loop, running task, head
    const edges = [
      [1, 160],
      [2, 160],
      [4, 167],
      [6, 152],
      [8, (words[7] as number) - 16],
      [10, (words[9] as number) - 8],
      [12, (words[9] as number) - 16],
    ] as const
    for (const [index, last] of edges) {
      expect(() => parseAsyncioOffsets(withWord(index, last), runtime)).not.toThrow()
      expect(() => parseAsyncioOffsets(withWord(index, last + 8), runtime)).toThrow(corrupt)
    }
    for (const index of [1, 2, 5, 6, 8, 10, 11, 12]) {
      expect(() => parseAsyncioOffsets(withWord(index, (words[index] as number) + 4), runtime)).toThrow(corrupt)
    }
  })

  test('sizes that are not those of this interpreter, and words that are no offsets at all', () => {
    expect(() => parseAsyncioOffsets(withWord(7, (words[7] as number) + 8), runtime)).toThrow(corrupt)
    expect(() => parseAsyncioOffsets(withWord(9, runtime.offsets.thread_state.size - 8), runtime)).toThrow(corrupt)
    // A state that would lie within the header, or not on a multiple of its size.
    for (const value of [16, 106]) expect(() => parseAsyncioOffsets(withWord(3, value), runtime)).toThrow(corrupt)
    for (let index = 0; index < words.length; index++) {
      expect(() => parseAsyncioOffsets(withWord(index, 2 ** 63), runtime)).toThrow(corrupt)
    }
    expect(() => parseAsyncioOffsets(Buffer.alloc(words.length * 8), runtime)).toThrow(corrupt)
  })
})
