import { describe, expect, test } from 'vitest'
import { Schedule } from './schedule.js'

const SEED = 7

describe('rounds', () => {
  test('one in each interval', () => {
    const moments = momentsOf(new Schedule(1000, SEED), 10_000)
    expect(moments.map((moment) => Math.floor(moment / 1000))).toEqual(moments.map((_, index) => index))
  })

  test.each([0.2, 1, 2, 5, 5.015, 1 / 3])('a program whose turns take %d intervals gets its share', (turn) => {
    const schedule = new Schedule(1000, SEED)
    const seen = momentsOf(schedule, 10_000).filter((moment) => (moment / 1000 / turn) % 1 < 0.7)
    expect(Math.abs(seen.length / 10_000 - 0.7)).toBeLessThan(0.02)
  })

  test('late ones leave out the intervals that have passed as a whole', () => {
    const schedule = new Schedule(1000, SEED)
    expect(Math.floor(schedule.next(3500) / 1000)).toBe(3)
    expect(Math.floor(schedule.next(3600) / 1000)).toBe(4)
    expect(Math.floor(schedule.next(9999) / 1000)).toBe(9)
  })

  test('repeat themselves with the same seed only', () => {
    const [one, same, other] = [SEED, SEED, SEED + 1].map((seed) => momentsOf(new Schedule(1000, seed), 100))
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })
})

function momentsOf(schedule: Schedule, count: number): number[] {
  let now = 0
  return Array.from({ length: count }, () => {
    now = schedule.next(now)
    return now
  })
}
