// Gathers samples into runs: as long as a thread stays in one stack, its run grows; runs stand in the order of their
// start. Now and then all runs are cut, so that what has been gathered can be handed on and written down.

import type { SampleRuns } from '../profile.js'

const CAPACITY = 1 << 16

export class RunCollector {
  #length = 0
  readonly #startUs = new Float64Array(CAPACITY)
  readonly #endUs = new Float64Array(CAPACITY)
  readonly #threads = new Uint32Array(CAPACITY)
  readonly #stacks = new Uint32Array(CAPACITY)
  readonly #counts = new Uint32Array(CAPACITY)
  readonly #flags = new Uint8Array(CAPACITY)
  /** The open run of each thread, or -1, and when it was last sampled. */
  readonly #open: number[] = []
  readonly #sampledUs: number[] = []

  /** Whether it must be cut before a round of `samples` more. */
  isFullFor(samples: number): boolean {
    return this.#length + samples > CAPACITY
  }

  add(thread: number, stack: number, flags: number, nowUs: number): void {
    const run = this.#open[thread] ?? -1
    this.#sampledUs[thread] = nowUs
    if (run >= 0) {
      if (this.#stacks[run] === stack && this.#flags[run] === flags) {
        this.#counts[run] = (this.#counts[run] as number) + 1
        return
      }
      this.#endUs[run] = nowUs
    }
    const next = this.#length++
    this.#startUs[next] = nowUs
    this.#threads[next] = thread
    this.#stacks[next] = stack
    this.#counts[next] = 1
    this.#flags[next] = flags
    this.#open[thread] = next
  }

  /** The thread gave no sample this time. */
  pause(thread: number, nowUs: number): void {
    const run = this.#open[thread] ?? -1
    if (run < 0) return
    this.#endUs[run] = nowUs
    this.#open[thread] = -1
  }

  /** Hands over all runs; those that are open end now, or an interval after their last sample. */
  cut(nowUs: number, intervalUs: number): SampleRuns {
    for (const [thread, run] of this.#open.entries()) {
      if (run < 0) continue
      this.#endUs[run] = Math.min(nowUs, Math.max((this.#sampledUs[thread] as number) + intervalUs * 1.5, 0))
      this.#open[thread] = -1
    }
    const length = this.#length
    this.#length = 0
    return {
      length,
      startUs: this.#startUs.slice(0, length),
      endUs: this.#endUs.slice(0, length),
      threads: this.#threads.slice(0, length),
      stacks: this.#stacks.slice(0, length),
      counts: this.#counts.slice(0, length),
      flags: this.#flags.slice(0, length),
    }
  }
}
