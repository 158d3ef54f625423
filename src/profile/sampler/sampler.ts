// The sampler's loop: rounds at the rate that was asked for, until it is stopped, its time is over, or no process is
// left. Now and then it hands over what it has gathered as a batch. It blocks its thread and so runs in a worker
// (`sampler-worker.ts`).

import type { ProcessIdentity } from '../../process/identity.js'
import type { ProfileThread } from '../profile.js'
import { FrameList } from '../tables/frame-list.js'
import { RunCollector } from '../tables/run-collector.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import { StackTree } from '../tables/stack-tree.js'
import { ThreadTable } from '../tables/thread-table.js'
import type { SamplingOptions } from './process-sampler.js'
import { ProcessTree } from './process-tree.js'
import { IntervalStatistics } from './timing/interval-statistics.js'
import { Pacer } from './timing/pacer.js'
import { Schedule } from './timing/schedule.js'

export interface SamplerOptions extends SamplingOptions {
  /** The very process: another one that has got its PID is refused. */
  readonly process: ProcessIdentity
  /** Also the processes that it starts. */
  readonly children: boolean
  /** 0 is as fast as it goes. */
  readonly rateHz: number
  /** Infinity ends it with the target, or with a stop. */
  readonly durationMs: number
  /** How often a batch is handed over at least. */
  readonly batchMs: number
  /** The same one gives rounds at the same moments; without it they are others each time. */
  readonly seed?: number
}

export type SamplerEnd = 'stopped' | 'time' | 'exited'

/**
 * Samples until the end, and says which one that was.
 * @param stop A shared word that anyone may set to 1.
 * @throws RemoraError as `openTarget`.
 */
export function runSampler(
  options: SamplerOptions,
  stop: Int32Array,
  handOver: (batch: SampleBatch) => void,
): SamplerEnd {
  const loop = new SamplerLoop(options, stop, handOver)
  try {
    return loop.run()
  } finally {
    loop.close()
  }
}

class SamplerLoop {
  readonly #options: SamplerOptions
  readonly #handOver: (batch: SampleBatch) => void
  readonly #pacer: Pacer
  readonly #intervalUs: number
  readonly #schedule: Schedule | undefined
  readonly #tables = {
    frames: new FrameList(),
    stacks: new StackTree(),
    threads: new ThreadTable(),
    runs: new RunCollector(),
  }
  readonly #looksTwice: boolean
  readonly #processes: ProcessTree
  readonly #intervals = new IntervalStatistics()
  #start = 0
  #rounds = 0
  /** When the last round was. */
  #lastUs = 0
  #late = 0
  #handedOver = { frames: 0, stacks: 1, us: 0 }

  constructor(options: SamplerOptions, stop: Int32Array, handOver: (batch: SampleBatch) => void) {
    this.#options = options
    this.#handOver = handOver
    this.#pacer = new Pacer(stop)
    this.#intervalUs = options.rateHz === 0 ? 0 : 1e6 / options.rateHz
    this.#schedule = options.rateHz === 0 ? undefined : new Schedule(this.#intervalUs, options.seed ?? Date.now())
    // What the tasks do is read after each look.
    this.#looksTwice = options.rateHz === 0 && !options.tasks
    const tables = { ...this.#tables, clock: () => this.#nowUs() }
    this.#processes = new ProcessTree(options.process, { ...options, looksTwice: this.#looksTwice }, tables)
  }

  run(): SamplerEnd {
    this.#start = performance.now()
    for (;;) {
      const dueUs = this.#waitForRound()
      const nowUs = this.#nowUs()
      const end = this.#endAt(nowUs)
      if (end !== undefined) {
        this.#cut(nowUs)
        return end
      }
      if (nowUs - dueUs > this.#intervalUs / 2) this.#late++
      this.#countRound(nowUs)
      this.#processes.round(nowUs)
      if (this.#looksTwice) this.#countRound(this.#processes.roundAgain())
      if (this.#isBatchDue(nowUs)) this.#cut(this.#nowUs())
    }
  }

  close(): void {
    this.#processes.close()
  }

  /** Returns when the round was due. */
  #waitForRound(): number {
    if (this.#schedule === undefined) return Number.POSITIVE_INFINITY // As fast as it goes, none is late.
    const dueUs = this.#schedule.next(this.#nowUs())
    this.#pacer.waitUntil(this.#start + Math.min(dueUs / 1000, this.#options.durationMs))
    return dueUs
  }

  #countRound(us: number): void {
    if (this.#rounds > 0) this.#intervals.add(us - this.#lastUs)
    this.#lastUs = us
    this.#rounds++
  }

  #nowUs(): number {
    return (performance.now() - this.#start) * 1000
  }

  #endAt(nowUs: number): SamplerEnd | undefined {
    if (this.#pacer.isStopped) return 'stopped'
    if (nowUs >= this.#options.durationMs * 1000) return 'time'
    return this.#processes.isGone ? 'exited' : undefined
  }

  #isBatchDue(nowUs: number): boolean {
    const isFull = this.#tables.runs.isFullFor(this.#processes.threadCount * 4 + 1000)
    return isFull || nowUs - this.#handedOver.us >= this.#options.batchMs * 1000
  }

  #cut(nowUs: number): void {
    const { frames, stacks, threads, runs } = this.#tables
    const { frames: oldFrames, stacks: oldStacks } = this.#handedOver
    this.#handedOver = { frames: frames.frames.length, stacks: stacks.length, us: nowUs }
    const changed = [...threads.changed]
    const quality = this.#quality(nowUs)
    threads.changed.clear()
    this.#handOver({
      frames: frames.frames.slice(oldFrames),
      stacks: {
        parents: stacks.parents.slice(oldStacks, stacks.length),
        frames: stacks.frames.slice(oldStacks, stacks.length),
      },
      threads: changed.map((index) => [index, threads.threads[index] as ProfileThread]),
      runs: runs.cut(nowUs, Math.max(this.#intervalUs, quality.intervalUs.p50)),
      durationMs: nowUs / 1000,
      quality,
    })
  }

  #quality(nowUs: number): SampleBatch['quality'] {
    return {
      rounds: this.#rounds,
      samples: this.#processes.samples,
      failed: this.#processes.failed,
      late: this.#late,
      rateHz: Math.round((this.#rounds / Math.max(nowUs, 1)) * 1e8) / 100,
      intervalUs: this.#intervals.summary,
    }
  }
}
