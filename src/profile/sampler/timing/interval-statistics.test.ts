import { expect, test } from 'vitest'
import { IntervalStatistics } from './interval-statistics.js'

test('quantiles of intervals', () => {
  const intervals = new IntervalStatistics()
  for (let us = 1; us <= 1000; us++) intervals.add(us)
  const { p50, p95, p99, max } = intervals.summary
  expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.03)
  expect(Math.abs(p95 / 950 - 1)).toBeLessThan(0.03)
  expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.03)
  expect(max).toBe(1000)
})
