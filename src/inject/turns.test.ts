import { expect, onTestFinished, test, vi } from 'vitest'
import { MAX_REQUESTS_AT_ONCE, Turns } from './turns.js'

function askMany(count: number, isBlocked = () => false): { readonly begun: number[]; readonly ends: (() => void)[] } {
  const turns = new Turns()
  const [begun, ends]: [number[], (() => void)[]] = [[], []]
  for (let index = 0; index < count; index++) {
    void turns.during(() => {
      begun.push(index)
      return new Promise<void>((resolve) => ends.push(resolve))
    }, isBlocked)
  }
  return { begun, ends }
}

test('so many ask at once, and the next when one has ended', async () => {
  const { begun, ends } = askMany(MAX_REQUESTS_AT_ONCE + 2)
  expect(begun).toHaveLength(MAX_REQUESTS_AT_ONCE)
  ends[3]?.()
  await new Promise(setImmediate)
  expect(begun).toHaveLength(MAX_REQUESTS_AT_ONCE + 1)
  expect(begun.at(-1)).toBe(MAX_REQUESTS_AT_ONCE)
})

test('one that is blocked keeps nobody from his turn', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let blocked = false
  const { begun, ends } = askMany(3 * MAX_REQUESTS_AT_ONCE, () => blocked)
  await vi.advanceTimersByTimeAsync(250)
  expect(begun).toHaveLength(MAX_REQUESTS_AT_ONCE)
  blocked = true
  await vi.advanceTimersByTimeAsync(250)
  blocked = false
  expect(begun).toHaveLength(2 * MAX_REQUESTS_AT_ONCE)
  // The turn of these has ended before they do.
  ends[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(begun).toHaveLength(2 * MAX_REQUESTS_AT_ONCE)
})

test('one that fails hands its turn on, and says why', async () => {
  const turns = new Turns()
  const failures = Array.from({ length: MAX_REQUESTS_AT_ONCE }, () =>
    turns.during(
      () => Promise.reject(new Error('no')),
      () => false,
    ),
  )
  const next = turns.during(
    async () => 'next',
    () => false,
  )
  expect((await Promise.allSettled(failures)).every(({ status }) => status === 'rejected')).toBe(true)
  expect(await next).toBe('next')
})
