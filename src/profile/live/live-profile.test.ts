// What a live profile says of samples that are known one by one.

import { describe, expect, test } from 'vitest'
import { type ProfileFrame, type ProfileThread, SampleFlag } from '../profile.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import { LiveProfile } from './live-profile.js'

const { onCpu, holdsGil, handlingException } = SampleFlag

const frame = (name: string, firstLine: number, line: number): ProfileFrame => ({
  function: name,
  qualifiedName: name,
  file: '/app.py',
  firstLine,
  line,
  endLine: line,
  column: 0,
  endColumn: 1,
})
const thread = (name: string): ProfileThread => ({ pid: 1, id: 1, nativeId: 1, name, main: name === 'main' })

/** main:2 calls work:11, work:12, and itself by way of work; a second thread waits. */
const frames = [frame('main', 1, 2), frame('work', 10, 11), frame('work', 10, 12), frame('wait', 20, 21)]
const [MAIN, WORK_11, WORK_12, WAIT, AGAIN] = [1, 2, 3, 4, 5]
const stacks = [
  [0, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [3, 1],
] as const

type Run = readonly [thread: number, stack: number, count: number, flags: number]

/** Batches of one process, each a second long and of a hundred rounds. */
function makeBatches(seconds: readonly (readonly Run[])[]): SampleBatch[] {
  return seconds.map((runs, second) => ({
    frames: second === 0 ? frames : [],
    stacks: {
      parents: Uint32Array.from(second === 0 ? stacks.map(([parent]) => parent) : []),
      frames: Uint32Array.from(second === 0 ? stacks.map(([, own]) => own) : []),
    },
    threads: second === 0 ? [thread('main'), thread('second')].map((one, index) => [index, one] as const) : [],
    runs: {
      length: runs.length,
      startUs: Float64Array.from(runs, (_, index) => index),
      endUs: Float64Array.from(runs, (_, index) => index + 1),
      threads: Uint32Array.from(runs, ([one]) => one),
      stacks: Uint32Array.from(runs, ([, stack]) => stack),
      counts: Uint32Array.from(runs, ([, , count]) => count),
      flags: Uint8Array.from(runs, ([, , , flags]) => flags),
    },
    durationMs: (second + 1) * 1000,
    quality: {
      rounds: (second + 1) * 100,
      samples: 0,
      failed: second,
      late: second * 2,
      rateHz: 100,
      intervalUs: { p50: 10_000, p95: 10_000, p99: 10_000, max: 10_000 },
    },
  }))
}

function watch(windowMs: number, seconds: readonly (readonly Run[])[]): LiveProfile {
  const profile = new LiveProfile(windowMs)
  for (const batch of makeBatches(seconds)) profile.add(batch)
  return profile
}

const busy: readonly Run[] = [
  [0, WORK_11, 60, onCpu | holdsGil],
  [0, WORK_12, 30, onCpu],
  [0, AGAIN, 10, onCpu | handlingException],
  [1, WAIT, 100, 0],
]

const shares = (list: readonly { frame: ProfileFrame; self: number; total: number }[]): unknown[] =>
  list.map(({ frame: { qualifiedName, line }, self, total }) => [qualifiedName, line, self, total])

describe('shares', () => {
  test('functions and lines by self and total; what is on a stack twice counts once', () => {
    const { functions, lines, samples } = watch(1000, [busy]).window.summarize({ mode: 'wall' })
    expect(samples).toBe(200)
    expect(functions.map(({ frame: { qualifiedName }, self, total }) => [qualifiedName, self, total])).toEqual([
      ['work', 100, 100],
      ['wait', 100, 100],
      ['main', 0, 100],
    ])
    expect(shares(lines)).toEqual([
      ['wait', 21, 100, 100],
      ['work', 11, 70, 70],
      ['work', 12, 30, 40],
      ['main', 2, 0, 100],
    ])
  })

  test.each([
    ['cpu', 100],
    ['gil', 60],
    ['exceptions', 10],
  ] as const)('mode %s counts the samples that have its flag', (mode, count) => {
    expect(watch(1000, [busy]).window.summarize({ mode }).samples).toBe(count)
  })

  test('of one thread', () => {
    const { functions, samples } = watch(1000, [busy]).window.summarize({ mode: 'wall', thread: 1 })
    expect(samples).toBe(100)
    expect(functions.map(({ frame: { qualifiedName } }) => qualifiedName)).toEqual(['wait'])
  })
})

describe('threads', () => {
  test('have their shares, whatever counts, and the stack in which they were seen last', () => {
    const [first, second] = watch(1000, [busy]).window.summarize({ mode: 'gil', thread: 0 }).threads
    expect(first).toMatchObject({ index: 0, samples: 100, onCpu: 100, holdingGil: 60, handlingException: 10 })
    expect(first?.frames.map(({ qualifiedName, line }) => `${qualifiedName}:${line}`)).toEqual([
      'work:11',
      'work:12',
      'main:2',
    ])
    expect(second).toMatchObject({ index: 1, samples: 100, onCpu: 0, holdingGil: 0 })
  })

  test('that have ended are gone, but what they did in the window counts', () => {
    const profile = watch(10_000, [busy, [[0, MAIN, 100, 0]]])
    const { threads, functions } = profile.window.summarize({ mode: 'wall' })
    expect(threads.map(({ thread: { name } }) => name)).toEqual(['main'])
    expect(functions.map(({ frame: { qualifiedName } }) => qualifiedName)).toContain('wait')
  })
})

describe('the window', () => {
  const seconds = [busy, busy, [[0, MAIN, 100, onCpu]], [[0, MAIN, 50, 0]]] as const

  test('slides', () => {
    const { durationMs, rounds, failed, late, samples, history } = watch(2000, seconds).window.summarize({
      mode: 'wall',
    })
    expect({ durationMs, rounds, failed, late, samples }).toEqual({
      durationMs: 2000,
      rounds: 200,
      failed: 2,
      late: 4,
      samples: 150,
    })
    expect(history).toEqual([
      { rateHz: 100, onCpu: 1, holdingGil: 0 },
      { rateHz: 100, onCpu: 0, holdingGil: 0 },
    ])
  })

  test('is never less than the newest batch', () => {
    expect(watch(10, seconds).window.summarize({ mode: 'wall' }).samples).toBe(50)
  })

  test('that was kept does not change', () => {
    const profile = new LiveProfile(1000)
    const [first, second] = makeBatches([busy, [[0, MAIN, 100, onCpu]]]) as [SampleBatch, SampleBatch]
    profile.add(first)
    const kept = profile.window
    const before = kept.summarize({ mode: 'wall' })
    profile.add(second)
    expect(kept.summarize({ mode: 'wall' })).toEqual(before)
    expect(profile.window.summarize({ mode: 'wall' }).samples).toBe(100)
  })

  test('is empty before the first batch', () => {
    const { samples, functions, threads, history } = new LiveProfile(1000).window.summarize({ mode: 'wall' })
    expect([samples, functions, threads, history]).toEqual([0, [], [], []])
  })
})
