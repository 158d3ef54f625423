import { expect, test } from 'vitest'
import { structure } from '../../../../test/fake-memory.js'
import { type FakeRuntime, fakeRuntime } from '../../../../test/fake-objects.js'
import { MAX_SET_SLOTS, readSet } from './set.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })
const REMOVED = -1

/** A set whose table has these slots of key and hash, filled up with empty ones. */
function drawSet(
  runtime: FakeRuntime,
  slots: readonly (readonly [key: number, hash: number])[],
  used?: number,
  mask?: number,
) {
  const fields = runtime.offsets.set_object
  const bytes = Math.max(8, slots.length)
  const table = runtime.memory.place(
    Buffer.concat([
      ...slots.map(([key, hash]) => structure(16, { 0: key, 8: hash })),
      Buffer.alloc((bytes - slots.length) * 16),
    ]),
  )
  const count = used ?? slots.filter(([key, hash]) => key !== 0 && hash !== REMOVED).length
  return runtime.memory.place(
    structure(fields.size, { [fields.used]: count, [fields.mask]: mask ?? bytes - 1, [fields.table]: table }),
  )
}

test.each([false, true])('the keys of a set in the order of its table, free-threaded: %s', (freeThreaded) => {
  const runtime = fakeRuntime({ freeThreaded })
  expect(readSet(runtime, drawSet(runtime, []))).toEqual([])
  const some = [
    [0x100, 5],
    [0, 0],
    [0x200, REMOVED],
    [0x300, 0],
    [0x400, -2],
  ] as const
  expect(readSet(runtime, drawSet(runtime, some))).toEqual([0x100, 0x300, 0x400])
  expect(readSet(runtime, drawSet(runtime, some), 2)).toEqual([0x100, 0x300])
})

test('a set that contradicts itself is not believed', () => {
  const runtime = fakeRuntime()
  const one = [[0x100, 5]] as const
  for (const broken of [
    drawSet(runtime, one, 2),
    drawSet(runtime, one, 1, 8),
    drawSet(runtime, one, 1, 3),
    drawSet(runtime, one, 1, -1),
  ]) {
    expect(() => readSet(runtime, broken)).toThrow(unreadable)
  }
  expect(() => readSet(runtime, drawSet(runtime, one, 1, MAX_SET_SLOTS * 2 - 1))).toThrow(unreadable)
})
