import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toPiece } from '../../../test/synthetic-profile.js'
import type { SampleRuns } from '../profile.js'
import { type Timeline, Timelines } from './timelines.js'

const [THREADS, STACKS] = [3, 6]
const tables = {
  frames: [],
  stacks: { length: STACKS, parents: new Uint32Array(STACKS), frames: new Uint32Array(STACKS) },
}

/** Runs of some threads, in pieces. */
const profiles = fc
  .array(
    fc.record({
      thread: fc.nat(THREADS - 1),
      stack: fc.nat(STACKS - 1),
      gap: fc.nat(3),
      us: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((runs) => {
    const ends = new Array(THREADS).fill(0)
    const rows = runs.map((run) => {
      const startUs = ends[run.thread] + run.gap
      ends[run.thread] = startUs + run.us
      return { ...run, startUs, endUs: startUs + run.us }
    })
    const sorted = rows.toSorted((a, b) => a.startUs - b.startUs)
    return Array.from({ length: Math.ceil(sorted.length / 7) }, (_, at) => toPiece(sorted.slice(at * 7, at * 7 + 7)))
  })

function timelinesOf(pieces: readonly SampleRuns[], mostRuns: number): Timeline[] {
  const timelines = new Timelines(tables, mostRuns)
  for (const piece of pieces) timelines.add(piece)
  return timelines.finish()
}

test('coarser timelines have the same samples and the same time for every stack of every thread', () => {
  fc.assert(
    fc.property(profiles, fc.integer({ min: 1, max: 100 }), (pieces, mostRuns) => {
      const exact = timelinesOf(pieces, Number.POSITIVE_INFINITY)
      const coarser = timelinesOf(pieces, mostRuns)
      const lengths = coarser.reduce((sum, { length }) => sum + length, 0)
      expect(lengths).toBeLessThanOrEqual(Math.max(mostRuns, THREADS * STACKS))
      expect(coarser.map(sums)).toEqual(exact.map(sums))
      for (const { length, startUs, endUs } of coarser) {
        for (let run = 1; run < length; run++) expect(startUs[run]).toBeGreaterThanOrEqual(endUs[run - 1] as number)
      }
      for (const [at, { length, startUs, endUs }] of coarser.entries()) {
        const all = exact[at] as Timeline
        expect(startUs[0]).toBe(all.startUs[0])
        expect(endUs[length - 1]).toBeLessThanOrEqual(all.endUs[all.length - 1] as number)
      }
    }),
  )
})

test('runs that are few enough stay as they are; equal ones without a gap become one', () => {
  const rows = [
    { thread: 0, stack: 1, startUs: 0, endUs: 5, count: 1 },
    { thread: 0, stack: 1, startUs: 5, endUs: 9, count: 2 },
    { thread: 0, stack: 1, startUs: 10, endUs: 11, count: 1 },
    { thread: 0, stack: 2, startUs: 11, endUs: 12, count: 1 },
  ]
  const [timeline] = timelinesOf([toPiece(rows)], 3) as [Timeline]
  expect([...timeline.stacks]).toEqual([1, 1, 2])
  expect([...timeline.startUs]).toEqual([0, 10, 11])
  expect([...timeline.endUs]).toEqual([9, 11, 12])
  expect([...timeline.counts]).toEqual([3, 1, 1])
})

test('of runs that all begin at once each stack keeps one', () => {
  const row = { startUs: 0, endUs: 1, count: 1 }
  const rows = Array.from({ length: THREADS }, (_, thread) => ({ ...row, thread, stack: thread }))
  expect(timelinesOf([toPiece(rows)], 1).map(({ length }) => length)).toEqual([1, 1, 1])
})

test('a thread that waits all the time has one row, however coarse the others are', () => {
  const rows = Array.from({ length: 1000 }, (_, at) => [
    { thread: 0, stack: at % STACKS, startUs: at * 10, endUs: at * 10 + 10, count: 1 },
    { thread: 1, stack: 2, startUs: at * 10, endUs: at * 10 + 10, count: 1 },
  ]).flat()
  const [busy, idle] = timelinesOf([toPiece(rows)], 100) as [Timeline, Timeline]
  expect(busy.length).toBeLessThan(100)
  expect([[...idle.stacks], [...idle.startUs], [...idle.endUs], [...idle.counts]]).toEqual([[2], [0], [10_000], [1000]])
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
