import { expect, test } from 'vitest'
import { emptyRuns, SampleFlag } from './profile.js'
import { SampleCounts } from './sample-counts.js'

test('threads with few stacks and with very many are counted alike', () => {
  const stacks = [1, 300, 3_000_000, 1, 6_000_000, 300, 6_000_000]
  const runs = emptyRuns(stacks.length * 2)
  for (let run = 0; run < runs.length; run++) {
    runs.threads[run] = run % 2 === 0 ? 0 : 5
    runs.stacks[run] = stacks[run >> 1] as number
    runs.counts[run] = 1 + run
    runs.flags[run] = run < 2 ? SampleFlag.holdsGil : 0
  }
  const counts = new SampleCounts()
  counts.add(runs)
  const expected = new Float64Array(7_000_000)
  for (const [run, count] of runs.counts.entries()) {
    const stack = runs.stacks[run] as number
    expected[stack] = (expected[stack] as number) + count
  }
  const found = counts.addTo(new Float64Array(7_000_000))
  for (const stack of new Set(stacks)) expect(found[stack]).toBe(expected[stack])
  const [first, sixth, none] = [counts.ofThread(0), counts.ofThread(5), counts.ofThread(1)]
  expect([first.samples, sixth.samples, none.samples]).toEqual([49, 56, 0])
  expect([first.holdingGil, sixth.holdingGil, sixth.collectingGarbage]).toEqual([1, 2, 0])
  expect(counts.addTo(new Float64Array(2))).toEqual(Float64Array.of(0, expected[1] as number))
})
