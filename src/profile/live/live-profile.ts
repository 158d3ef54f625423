// A profile of the last seconds, for whoever watches a process. Each batch of the sampler becomes a slice, in which equal
// samples are counted together; old slices fall off at the end. A window is a list of slices, which never change, so one
// can be kept and looked at while sampling goes on.

import type { SampleBatch } from '../tables/sample-batch.js'
import { LiveTables } from './live-tables.js'
import { LiveWindow, type Slice, sampleKey } from './live-window.js'

export class LiveProfile {
  readonly #windowMs: number
  readonly #tables = new LiveTables()
  #slices: readonly Slice[] = []
  #before = { durationMs: 0, rounds: 0, failed: 0, late: 0 }

  /** @param windowMs at least what a batch lasts; the newest slice is always kept */
  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(batch: SampleBatch): void {
    const { durationMs, quality } = batch
    const before = this.#before
    this.#before = { durationMs, rounds: quality.rounds, failed: quality.failed, late: quality.late }
    this.#tables.add(batch)
    const slice: Slice = {
      durationMs: durationMs - before.durationMs,
      rounds: quality.rounds - before.rounds,
      failed: quality.failed - before.failed,
      late: quality.late - before.late,
      ...countSamples(batch.runs),
    }
    // The last batch, which only ends the profile, may come right behind another one.
    if (slice.rounds > 0) this.#slices = withoutOld([...this.#slices, slice], this.#windowMs)
  }

  /** What the last seconds were, up to now. */
  get window(): LiveWindow {
    return new LiveWindow(this.#tables, this.#slices)
  }
}

function countSamples({ length, threads, stacks, counts, flags }: SampleBatch['runs']): Pick<Slice, 'counts' | 'last'> {
  const sums = new Map<number, number>()
  const last = new Map<number, number>()
  for (let run = 0; run < length; run++) {
    const [thread, stack] = [threads[run] as number, stacks[run] as number]
    const key = sampleKey(thread, flags[run] as number, stack)
    sums.set(key, (sums.get(key) ?? 0) + (counts[run] as number))
    last.set(thread, stack)
  }
  return { counts: sums, last }
}

function withoutOld(slices: readonly Slice[], windowMs: number): readonly Slice[] {
  let kept = 0
  let first = slices.length
  // Half a slice more is still the window: batches are never of exactly the same length.
  while (first > 0 && (first === slices.length || kept + (slices[first - 1] as Slice).durationMs / 2 <= windowMs)) {
    kept += (slices[--first] as Slice).durationMs
  }
  return slices.slice(first)
}
