import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coarsen } from './coarsen.js'
import type { Timeline } from './timelines.js'

const STACKS = 6

const timelines = fc
  .array(
    fc.record({
      stack: fc.nat(STACKS - 1),
      gap: fc.nat(3),
      us: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 5 }),
    }),
    {
      minLength: 1,
      maxLength: 300,
    },
  )
  .map((runs): Timeline => {
    let at = 0
    const starts = runs.map(({ gap, us }) => {
      at += gap + us
      return at - us
    })
    return {
      thread: 0,
      length: runs.length,
      stacks: Uint32Array.from(runs, ({ stack }) => stack),
      startUs: Float64Array.from(starts),
      endUs: Float64Array.from(runs, ({ us }, run) => (starts[run] as number) + us),
      counts: Uint32Array.from(runs, ({ count }) => count),
    }
  })

test('a coarser timeline has the same samples and the same time for every stack', () => {
  fc.assert(
    fc.property(timelines, fc.integer({ min: 1, max: 100 }), (timeline, mostRuns) => {
      const coarser = coarsen(timeline, STACKS, mostRuns)
      expect(coarser.length).toBeLessThanOrEqual(Math.max(mostRuns, STACKS))
      expect(sums(coarser)).toEqual(sums(timeline))
      for (let run = 1; run < coarser.length; run++) {
        expect(coarser.startUs[run]).toBeGreaterThanOrEqual(coarser.endUs[run - 1] as number)
      }
    }),
  )
})

test('a timeline that is small enough stays as it is', () => {
  const [timeline] = fc.sample(timelines, { numRuns: 1, seed: 1 }) as [Timeline]
  expect(coarsen(timeline, STACKS, timeline.length)).toBe(timeline)
})

function sums({ length, stacks, startUs, endUs, counts }: Timeline): Record<number, [number, number]> {
  const found: Record<number, [number, number]> = {}
  for (let run = 0; run < length; run++) {
    const [samples, us] = found[stacks[run] as number] ?? [0, 0]
    const own = (endUs[run] as number) - (startUs[run] as number)
    found[stacks[run] as number] = [samples + (counts[run] as number), us + own]
  }
  return found
}
