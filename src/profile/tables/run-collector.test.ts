import { expect, test } from 'vitest'
import { RunCollector } from './run-collector.js'

test('equal samples in a row are one run, in the order of their start', () => {
  const runs = new RunCollector()
  runs.add(0, 7, 0, 0)
  runs.add(1, 9, 2, 0)
  runs.add(0, 7, 0, 1000)
  runs.add(1, 9, 0, 1000)
  runs.add(0, 8, 0, 2000)
  runs.pause(1, 2000)
  const cut = runs.cut(2500, 1000)
  expect({ ...cut, length: cut.length }).toEqual({
    length: 4,
    threads: Uint32Array.of(0, 1, 1, 0),
    stacks: Uint32Array.of(7, 9, 9, 8),
    counts: Uint32Array.of(2, 1, 1, 1),
    flags: Uint8Array.of(0, 2, 0, 0),
    startUs: Float64Array.of(0, 0, 1000, 2000),
    endUs: Float64Array.of(2000, 1000, 2000, 2500),
  })
})

test('a thread that is sampled no more ends an interval after its last sample', () => {
  const runs = new RunCollector()
  runs.add(0, 1, 0, 1000)
  expect(runs.cut(9_000_000, 1000).endUs).toEqual(Float64Array.of(2500))
  expect(runs.cut(9_500_000, 1000).length).toBe(0)
})
