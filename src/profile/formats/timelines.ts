// A profile by thread, for the formats that hold a column of samples for each one. Equal runs that follow each other
// without a gap become one. Threads are gathered in as many walks as keep the memory bounded: a recording comes in the
// order of time, and may be longer than memory.

import { type Profile, SampleFlag } from '../profile.js'
import { coarsen } from './coarsen.js'
import type { MarkedStacks } from './totals.js'

/** Columns of the same `length`: runs of one thread in the order of time, in whole microseconds. */
export interface Timeline {
  readonly thread: number
  readonly length: number
  readonly stacks: Uint32Array
  readonly startUs: Float64Array
  readonly endUs: Float64Array
  readonly counts: Uint32Array
}

/** Runs in memory at a time, at 24 bytes each; a single thread with more than that is held whole. */
const RUNS_AT_ONCE = 6_000_000

interface TimelineOptions {
  /** What a reader of the format can take; timelines with more are made coarser. */
  readonly mostRuns: number
  /** How many runs each thread has, where that is known. */
  readonly counts?: Float64Array
}

export function* timelinesOf(
  profile: Profile,
  marked: MarkedStacks,
  { mostRuns, counts = countRuns(profile) }: TimelineOptions,
): Generator<Timeline> {
  const total = counts.reduce((sum, count) => sum + count, 0)
  for (const threads of groupThreads(counts)) {
    const building = gather(profile, marked, counts, threads)
    for (const thread of threads) {
      const timeline = building[thread]?.finish()
      const share = Math.max(1000, Math.ceil((mostRuns * (counts[thread] as number)) / total))
      if (timeline !== undefined) yield coarsen(timeline, marked.stacks.length, share)
    }
  }
}

function countRuns({ runs, threads }: Profile): Float64Array {
  const counts = new Float64Array(threads.length)
  for (const piece of runs) {
    for (let at = 0; at < piece.length; at++) {
      const thread = piece.threads[at] as number
      counts[thread] = (counts[thread] as number) + 1
    }
  }
  return counts
}

function groupThreads(counts: Float64Array): number[][] {
  const groups: number[][] = []
  let room = 0
  for (const [thread, count] of counts.entries()) {
    if (count === 0) continue
    if (count > room) {
      groups.push([])
      room = RUNS_AT_ONCE
    }
    groups.at(-1)?.push(thread)
    room -= count
  }
  return groups
}

function gather(
  { runs }: Profile,
  marked: MarkedStacks,
  counts: Float64Array,
  chosen: readonly number[],
): (GrowingTimeline | undefined)[] {
  const growing: (GrowingTimeline | undefined)[] = new Array(counts.length).fill(undefined)
  for (const thread of chosen) growing[thread] = new GrowingTimeline(thread, counts[thread] as number)
  for (const piece of runs) {
    for (let at = 0; at < piece.length; at++) {
      const timeline = growing[piece.threads[at] as number]
      if (timeline === undefined) continue
      const collecting = ((piece.flags[at] as number) & SampleFlag.collectingGarbage) !== 0
      const stack = (piece.stacks[at] as number) + (collecting ? marked.collectingOffset : 0)
      const startUs = Math.round(piece.startUs[at] as number)
      timeline.add(stack, startUs, Math.round(piece.endUs[at] as number), piece.counts[at] as number)
    }
  }
  return growing
}

class GrowingTimeline {
  readonly #thread: number
  readonly #stacks: Uint32Array
  readonly #startUs: Float64Array
  readonly #endUs: Float64Array
  readonly #counts: Uint32Array
  #length = 0
  #lastStack = -1
  #lastEnd = -1

  constructor(thread: number, mostRuns: number) {
    this.#thread = thread
    this.#stacks = new Uint32Array(mostRuns)
    this.#startUs = new Float64Array(mostRuns)
    this.#endUs = new Float64Array(mostRuns)
    this.#counts = new Uint32Array(mostRuns)
  }

  add(stack: number, startUs: number, endUs: number, count: number): void {
    if (stack === this.#lastStack && startUs <= this.#lastEnd) {
      const last = this.#length - 1
      this.#endUs[last] = endUs
      this.#counts[last] = (this.#counts[last] as number) + count
    } else {
      const at = this.#length++
      this.#stacks[at] = stack
      this.#startUs[at] = startUs
      this.#endUs[at] = endUs
      this.#counts[at] = count
      this.#lastStack = stack
    }
    this.#lastEnd = endUs
  }

  finish(): Timeline {
    return {
      thread: this.#thread,
      length: this.#length,
      stacks: this.#stacks,
      startUs: this.#startUs,
      endUs: this.#endUs,
      counts: this.#counts,
    }
  }
}
