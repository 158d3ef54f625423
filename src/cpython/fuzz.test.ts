// The target's memory is untrusted: whatever lies there, the readers give a result or a RemoraError, within a bound of
// time, and nothing else. Damage is done where the readers look, as elsewhere it would change nothing. On a failure
// fast-check prints the seed and the smallest damage that it takes.

import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { buildElf, sourceOf } from '../../test/elf-builder.js'
import { findRecordedRuntime, type OpenImage, openImages } from '../../test/images/open-image.js'
import { type Everything, readEverything, readTasks, readValues } from '../../test/images/read-everything.js'
import { findDynamicSymbols, loadBias, parseElf } from '../binary/elf.js'
import { RemoraError } from '../errors/remora-error.js'
import { PAGE_BYTES } from '../memory/page.js'
import { type Pages, RecordedMemory } from '../memory/recorded.js'
import type { MemoryRange, RemoteMemory } from '../memory/remote-memory.js'
import { readAttributes } from './objects/attributes.js'
import { readDict } from './objects/containers/dict.js'
import { readInt } from './objects/scalars/int.js'
import { readStr } from './objects/scalars/str.js'

/** Milliseconds for each test below; for a longer hunt: REMORA_FUZZ_MS=60000 npx vitest run fuzz */
const ALL_CASES_MS = Number(process.env.REMORA_FUZZ_MS ?? 800)
const ONE_CASE_MS = 2_000
const MAX_CASES = 1_000_000

vi.setConfig({ testTimeout: ALL_CASES_MS + 30_000 })

/** One change to memory: a byte or a word at a place where the readers look. */
const damage = fc.record({
  // What is read first, the tables, decides over all that follows.
  place: fc.oneof(fc.nat({ max: 30 }), fc.nat()),
  offset: fc.nat({ max: 4095 }),
  change: fc.oneof(
    fc.record({ flip: fc.integer({ min: 1, max: 255 }) }),
    fc.record({
      word: fc.constantFrom(1n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, 2n ** 47n - 8n, 2n ** 40n, 2n ** 22n),
    }),
    fc.record({ word: fc.bigInt({ min: 0n, max: 128n }).map((words) => words * 8n) }),
    // A pointer that is right, but elsewhere: rings, and objects taken for others.
    fc.record({ pointerTo: fc.nat() }),
  ),
})
const damages = fc.record({
  changes: fc.array(damage, { minLength: 1, maxLength: 6 }),
  lost: fc.array(fc.nat(), { maxLength: 2 }),
})
type Damages = typeof damages extends fc.Arbitrary<infer T> ? T : never

describe.each(openImages())('$name', (image) => {
  test('the runtime, its threads, their names and stacks', () => {
    const places = placesOf(image, (memory) => void readEverything(findRecordedRuntime(image.facts, memory)))
    check((damage) => {
      const everything = readEverything(findRecordedRuntime(image.facts, damaged(image.pages, places, damage)))
      expect(isPlain(everything)).toBe(true)
    })
  })

  test('threads, names and stacks of a runtime that is sound', () => {
    const places = placesOf(image, (memory) => void readEverything({ ...image.runtime, memory }))
    check((damage) => {
      const memory = damaged(image.pages, places, damage)
      expect(isPlain(readEverything({ ...image.runtime, memory }))).toBe(true)
    })
  })

  test('tasks', () => {
    const read = (memory: RemoteMemory) => void readTasks({ ...image.runtime, memory }, image.expected.asyncio)
    const places = placesOf(image, read)
    check((damage) => read(damaged(image.pages, places, damage)))
  })

  test('values', () => {
    const readers = image.expected.values.map((value) => (memory: RemoteMemory) => {
      readValues({ ...image.runtime, memory }, { values: [value] })
    })
    const places = readers.map((read) => placesOf(image, read))
    check((damage) => {
      const which = (damage.changes[0]?.place ?? 0) % readers.length
      readers[which]!(damaged(image.pages, places[which]!, damage))
    })
  })

  test('objects', () => {
    const { ints, strs, dicts, instances } = image.expected.objects
    const readers = [
      ...ints.map(
        ([address]) =>
          (memory: RemoteMemory) =>
            void readInt({ ...image.runtime, memory }, address),
      ),
      ...strs.map(
        ([address]) =>
          (memory: RemoteMemory) =>
            void readStr({ ...image.runtime, memory }, address),
      ),
      ...Object.values(dicts).map(
        ([address]) =>
          (memory: RemoteMemory) =>
            void readDict({ ...image.runtime, memory }, address),
      ),
      ...Object.values(instances).map(
        ([address]) =>
          (memory: RemoteMemory) =>
            void readAttributes({ ...image.runtime, memory }, address),
      ),
    ]
    const places = readers.map((read) => placesOf(image, read))
    check((damage) => {
      const which = (damage.changes[0]?.place ?? 0) % readers.length
      readers[which]!(damaged(image.pages, places[which]!, damage))
    })
  })
})

test('executables', () => {
  const file = buildElf({ symbols: { _PyRuntime: 0x40_5040, malloc: 0 } })
  const places = [0, 64, 0x200, 0x2000, 0x3000, 0x3100].map((address) => ({ address, length: 0x180 }))
  check(({ changes, lost }) => {
    const broken = Buffer.from(file.subarray(0, lost[0] === undefined ? file.length : lost[0] % file.length))
    for (const { address, bytes } of toWrites(changes, places))
      broken.set(bytes.subarray(0, Math.max(broken.length - address, 0)), Math.min(address, broken.length))
    const elf = parseElf(sourceOf(broken))
    if (elf === undefined) return
    loadBias(elf, { start: 0x1000, offset: 0 })
    findDynamicSymbols(elf, ['_PyRuntime'])
  })
})

/** Does `read` to as many damages as there is time for. */
function check(read: (damage: Damages) => void): void {
  const property = fc.property(damages, (damage) => {
    const start = performance.now()
    try {
      read(damage)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
    }
    expect(performance.now() - start).toBeLessThan(ONE_CASE_MS)
  })
  fc.assert(property, { numRuns: MAX_CASES, interruptAfterTimeLimit: ALL_CASES_MS })
}

/** Where `read` looks in an image. */
function placesOf({ pages }: OpenImage, read: (memory: RemoteMemory) => void): MemoryRange[] {
  const memory = new RecordedMemory(pages)
  const places = new Map<string, MemoryRange>()
  const note = (range: MemoryRange) => {
    if (range.length > 0) places.set(`${range.address} ${range.length}`, range)
  }
  read({
    read: (address, length) => {
      note({ address, length })
      return memory.read(address, length)
    },
    readMany: (ranges) => {
      const results = memory.readMany(ranges)
      ranges.filter((_, index) => results[index] !== undefined).forEach(note)
      return results
    },
    write: () => {},
    close: () => {},
  })
  return [...places.values()]
}

function damaged(pages: Pages, places: readonly MemoryRange[], { changes, lost }: Damages): RecordedMemory {
  const left = new Map(pages)
  for (const place of lost) {
    const { address } = places[place % places.length] as MemoryRange
    left.delete(address - (address % PAGE_BYTES))
  }
  const memory = new RecordedMemory(left)
  for (const { address, bytes } of toWrites(changes, places)) {
    const [now] = memory.readMany([{ address, length: bytes.length }])
    if (now !== undefined) memory.write(address, bytes.length === 1 ? Buffer.of(now[0]! ^ bytes[0]!) : bytes)
  }
  return memory
}

function toWrites(changes: Damages['changes'], places: readonly MemoryRange[]): { address: number; bytes: Buffer }[] {
  const at = (place: number) => places[place % places.length] as MemoryRange
  return changes.map(({ place, offset, change }) => {
    const { address, length } = at(place)
    if ('flip' in change) return { address: address + (offset % length), bytes: Buffer.of(change.flip) }
    const word = Buffer.alloc(8)
    word.writeBigUInt64LE('word' in change ? change.word : BigInt(at(change.pointerTo).address))
    return { address: address + ((offset * 8) % length), bytes: word }
  })
}

/** Whether no number in it is the result of a calculation with nothing. */
function isPlain({ threads, interpreters }: Everything): boolean {
  const numbers = [
    ...interpreters.flatMap(({ id, address }) => [id, address]),
    ...threads.flatMap(({ state, stack }) => [
      state.nativeId,
      ...stack.frames.flatMap(({ line, column, endLine, endColumn }) => [line, column, endLine, endColumn]),
    ]),
  ]
  return numbers.every((number) => number === null || Number.isFinite(number))
}
