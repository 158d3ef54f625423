// A profile by thread, for the formats that hold a column of samples for each one, in one walk over the runs. Equal runs
// that follow each other without a gap become one. Where there are more than a reader can take, all threads are made
// coarser: within a window of time, runs of the same stack are put together, in the order in which the stacks first
// appear, and windows are made longer until it is enough. What moves is when something happened, by at most a window;
// how often and how long stays exact.

import type { Profile, SampleRuns } from '../profile.js'
import { enlarge } from '../tables/enlarge.js'
import type { Tables } from './totals.js'

/** Columns of the same `length`: runs of one thread in the order of time, in whole microseconds. */
export interface Timeline {
  readonly thread: number
  readonly length: number
  readonly stacks: Uint32Array
  readonly startUs: Float64Array
  readonly endUs: Float64Array
  readonly counts: Uint32Array
}

/** `mostRuns` is what a reader of the format can take, of all threads together. */
export function timelinesOf(profile: Profile, tables: Tables, mostRuns: number): Timeline[] {
  const timelines = new Timelines(tables, mostRuns)
  for (const piece of profile.runs) timelines.add(piece)
  return timelines.finish()
}

/** Timelines in the making, for a writer that walks over the runs itself. */
export class Timelines {
  readonly #tables: Tables
  readonly #mostRuns: number
  /** By thread. */
  readonly #growing: (GrowingTimeline | undefined)[] = []
  /** Rows of all threads that make it worth while to have fewer. */
  #limit: number
  #length = 0
  #windowUs = 0
  #spanUs = 0

  constructor(tables: Tables, mostRuns: number) {
    this.#tables = tables
    this.#mostRuns = mostRuns
    this.#limit = mostRuns
  }

  add({ length, threads, stacks, startUs, endUs, counts }: SampleRuns): void {
    for (let at = 0; at < length; at++) {
      const timeline = this.#growing[threads[at] as number] ?? this.#begin(threads[at] as number)
      const isNew = timeline.add(stacks[at] as number, startUs[at] as number, endUs[at] as number, counts[at] as number)
      if (!isNew) continue
      this.#spanUs = startUs[at] as number
      if (++this.#length > this.#limit) this.#coarsen(this.#mostRuns * ENOUGH)
    }
  }

  /** Of the threads that have samples. Nothing can be added any more. */
  finish(): Timeline[] {
    if (this.#length > this.#mostRuns) this.#coarsen(this.#mostRuns)
    return this.#growing.flatMap((timeline) => timeline?.finish() ?? [])
  }

  #begin(thread: number): GrowingTimeline {
    while (this.#growing.length <= thread) this.#growing.push(undefined)
    const timeline = new GrowingTimeline(thread, this.#tables.stacks.length)
    if (this.#windowUs > 0) timeline.coarsen(this.#windowUs)
    this.#growing[thread] = timeline
    return timeline
  }

  /** A window over everything leaves one run a stack and thread, and there is no way to have fewer. */
  #coarsen(most: number): void {
    const timelines = this.#growing.filter((timeline) => timeline !== undefined)
    while (this.#length > most && this.#windowUs <= this.#spanUs) {
      const before = this.#length
      this.#windowUs ||= Math.max(1, Math.ceil((this.#spanUs * timelines.length) / this.#mostRuns))
      this.#windowUs *= 2
      this.#length = timelines.reduce((sum, timeline) => sum + timeline.coarsen(this.#windowUs), 0)
      // Stacks that seldom come again: long windows are needed.
      if (this.#length > before * SMALL_GAIN) this.#windowUs *= 4
    }
    this.#limit = Math.max(this.#mostRuns, Math.ceil(this.#length / ENOUGH))
  }
}

/** Of the rows that there may be, so many are left, so that it is not done again for the next few. */
const ENOUGH = 0.75
const SMALL_GAIN = 0.9

class GrowingTimeline {
  readonly #thread: number
  readonly #stackCount: number
  #stacks = new Uint32Array(256)
  #startUs = new Float64Array(256)
  #durationUs = new Float64Array(256)
  #counts = new Uint32Array(256)
  #length = 0
  #lastEnd = -1
  /** 0 as long as nothing but equal runs in a row are put together. */
  #windowUs = 0
  #windowEnd = -1
  #firstOfWindow = 0
  /** By stack, a row in which it may stand. */
  #rows = new Uint32Array(0)

  constructor(thread: number, stackCount: number) {
    this.#thread = thread
    this.#stackCount = stackCount
  }

  /** Whether this takes a row more. */
  add(stack: number, startUs: number, endUs: number, count: number): boolean {
    const row = this.#findRow(stack, startUs)
    this.#lastEnd = endUs
    if (row < 0) {
      if (this.#length === this.#stacks.length) this.#grow()
      this.#put(stack, startUs, endUs - startUs, count)
      return true
    }
    this.#durationUs[row] = (this.#durationUs[row] as number) + endUs - startUs
    this.#counts[row] = (this.#counts[row] as number) + count
    return false
  }

  /** Puts runs of the same stack together within windows of this length. Returns how many rows are left. */
  coarsen(windowUs: number): number {
    if (this.#rows.length === 0) this.#rows = new Uint32Array(this.#stackCount)
    const [stacks, starts, durations, counts, length] = [
      this.#stacks,
      this.#startUs,
      this.#durationUs,
      this.#counts,
      this.#length,
    ]
    const lastEnd = this.#lastEnd
    this.#windowUs = windowUs
    this.#windowEnd = -1
    this.#firstOfWindow = 0
    this.#length = 0
    this.#lastEnd = -1
    // In place: what is written stands at or before what is read.
    for (let row = 0; row < length; row++) {
      const start = starts[row] as number
      this.add(stacks[row] as number, start, start + (durations[row] as number), counts[row] as number)
    }
    this.#lastEnd = lastEnd
    return this.#length
  }

  finish(): Timeline {
    const length = this.#length
    const startUs = this.#startUs.subarray(0, length)
    const endUs = this.#durationUs.subarray(0, length)
    for (let row = 0, at = 0, windowEnd = -1; row < length; row++) {
      const start = startUs[row] as number
      if (start >= windowEnd) {
        at = start
        windowEnd = this.#endOfWindow(start)
      }
      startUs[row] = at
      at += endUs[row] as number
      endUs[row] = at
    }
    const [stacks, counts] = [this.#stacks.subarray(0, length), this.#counts.subarray(0, length)]
    return { thread: this.#thread, length, stacks, startUs, endUs, counts }
  }

  /** The row that a run belongs to, or -1. */
  #findRow(stack: number, startUs: number): number {
    const last = this.#length - 1
    if (last >= 0 && this.#stacks[last] === stack && startUs <= this.#lastEnd) return last
    if (startUs >= this.#windowEnd) {
      this.#firstOfWindow = this.#length
      this.#windowEnd = this.#endOfWindow(startUs)
    }
    if (this.#windowUs === 0) return -1
    const row = this.#rows[stack] as number
    return row >= this.#firstOfWindow && row <= last && this.#stacks[row] === stack ? row : -1
  }

  #endOfWindow(startUs: number): number {
    return this.#windowUs === 0 ? startUs : (Math.floor(startUs / this.#windowUs) + 1) * this.#windowUs
  }

  #put(stack: number, startUs: number, durationUs: number, count: number): void {
    const row = this.#length++
    this.#stacks[row] = stack
    this.#startUs[row] = startUs
    this.#durationUs[row] = durationUs
    this.#counts[row] = count
    if (this.#windowUs > 0) this.#rows[stack] = row
  }

  #grow(): void {
    this.#stacks = enlarge(this.#stacks)
    this.#startUs = enlarge(this.#startUs)
    this.#durationUs = enlarge(this.#durationUs)
    this.#counts = enlarge(this.#counts)
  }
}
