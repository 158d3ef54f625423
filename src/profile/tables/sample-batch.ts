// What the sampler hands over now and then: to a recording, which writes it down, or to `top`, which counts it.

import type { ProfileFrame, ProfileThread, SampleRuns, SamplingQuality } from '../profile.js'

/** What is new since the batch before. Indexes count on through all batches. */
export interface SampleBatch {
  readonly frames: readonly ProfileFrame[]
  readonly stacks: { readonly parents: Uint32Array; readonly frames: Uint32Array }
  /** Also those that have changed their name. */
  readonly threads: readonly (readonly [index: number, thread: ProfileThread])[]
  readonly runs: SampleRuns
  readonly durationMs: number
  /** CPU time is for whoever owns the process to say. */
  readonly quality: Omit<SamplingQuality, 'cpuMs'>
}
