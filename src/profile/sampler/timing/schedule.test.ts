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

  test('those that were missed follow at once, one for each interval', () => {
    const schedule = new Schedule(1000, SEED)
    const intervals = [50_500, 50_501, 50_502, 50_503].map((now) => Math.floor(schedule.next(now) / 1000))
    expect(intervals).toEqual([0, 1, 2, 3])
  })

  test('intervals that are over for a tenth of a second are left out', () => {
    const schedule = new Schedule(20, SEED)
    const [stoppedUs, wokenUs] = [1_000_000, 11_000_000]
    expect(Math.floor(schedule.next(stoppedUs) / 20)).toBe((stoppedUs - 100_000) / 20)
    let madeUpFor = 0
    while (schedule.next(wokenUs) < wokenUs) madeUpFor++
    expect(madeUpFor).toBe(100_000 / 20)
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
