import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { ASYNCIO_TABLE_BYTES, parseAsyncioOffsets } from './asyncio-offsets.js'

const corrupt = expect.objectContaining({ code: 'RUNTIME_CORRUPT' })
// What Debian's builds publish; the first seven words and their order are the same in both versions.
const tables: Readonly<Record<string, readonly number[]>> = {
  '3.14': [168, 136, 96, 108, 109, 128, 152, 225864, 10880, 936, 864, 872, 880],
  '3.15': [168, 136, 96, 108, 109, 128, 152, 226240, 10856, 1104, 1024, 1032, 1048],
}
const debugTables = { '3.14': 225880, '3.15': 226256 }

function toBytes(words: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(ASYNCIO_TABLE_BYTES)
  words.forEach((word, index) => void bytes.writeBigUInt64LE(BigInt(word), index * 8))
  return bytes
}

describe.each(openImages())('$name', ({ runtime, name }) => {
  const minor = `3.${runtime.version.minor}` as '3.14' | '3.15'
  const words = [...(tables[minor] ?? [])]
  if (name.endsWith('d')) words[7] = debugTables[minor]
  const withWord = (index: number, value: number | bigint) =>
    toBytes(words.map((word, at) => (at === index ? Number(value) : word)))

  test('a table that is right', () => {
    const offsets = parseAsyncioOffsets(toBytes(words), runtime)
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
    expect(() => parseAsyncioOffsets(Buffer.alloc(ASYNCIO_TABLE_BYTES), runtime)).toThrow(corrupt)
  })
})
