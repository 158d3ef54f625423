import { expect, test } from 'vitest'
import { drawInt, fakeRuntime } from '../../../../test/fake-objects.js'
import { openImages } from '../../../../test/images/open-image.js'
import { MAX_INT_DIGITS, readInt } from './int.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })

test.each(openImages())('every int of $name', ({ runtime, expected }) => {
  for (const [address, decimal] of expected.objects.ints) expect(String(readInt(runtime, address))).toBe(decimal)
  expect(expected.objects.ints.length).toBeGreaterThan(10)
})

test.each([false, true])('digits and signs; free-threaded: %s', (freeThreaded) => {
  const runtime = fakeRuntime({ freeThreaded })
  expect(readInt(runtime, drawInt(runtime, [7]))).toBe(7n)
  expect(readInt(runtime, drawInt(runtime, [7], 2))).toBe(-7n)
  expect(readInt(runtime, drawInt(runtime, [7], 1))).toBe(0n)
  expect(readInt(runtime, drawInt(runtime, []))).toBe(0n)
  expect(readInt(runtime, drawInt(runtime, [1, 2, 3], 2))).toBe(-((3n << 60n) + (2n << 30n) + 1n))
})

test('as many digits as may be, and no more', () => {
  const runtime = fakeRuntime()
  const digits = new Array<number>(MAX_INT_DIGITS).fill(0)
  digits[MAX_INT_DIGITS - 1] = 1
  const longest = drawInt(runtime, digits)
  const start = performance.now()
  expect(readInt(runtime, longest)).toBe(1n << (30n * BigInt(MAX_INT_DIGITS - 1)))
  expect(performance.now() - start).toBeLessThan(2_000)
  expect(() => readInt(runtime, drawInt(runtime, [...digits, 1]))).toThrow(unreadable)
  expect(() => readInt(runtime, drawInt(runtime, [1], 0, 100_000))).toThrow(unreadable)
})
