// The processes of a profile: the one that was named and, if wanted, all that it starts. A process that replaces itself
// with another Python program is taken up again; children are looked for again and again, as a new one is no Python
// yet when it starts.

import type { RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { ProcessIdentity } from '../../process/identity.js'
import { readChildren } from '../../process/list.js'
import { readExecutable, readStartTicks } from '../../process/status.js'
import { type LookOptions, ProcessSampler, type ProfileTables, type SamplingOptions } from './process-sampler.js'

const LIST_CHILDREN_EVERY_US = 50_000
/** How often a process that is no Python, or none yet, is tried. */
const ATTEMPTS = 40

export interface ProcessTreeOptions extends SamplingOptions, LookOptions {
  readonly children: boolean
}

interface Candidate {
  readonly startTicks: number
  attempts: number
}

export class ProcessTree {
  readonly #options: ProcessTreeOptions
  readonly #tables: ProfileTables
  readonly #locations: RuntimeLocations = new Map()
  readonly #processes = new Map<number, ProcessSampler>()
  readonly #candidates = new Map<number, Candidate>()
  #lookedUs = 0
  /** Of processes that have ended. */
  #samples = 0
  #failed = 0

  /** @throws RemoraError as `openTarget`. */
  constructor(process: ProcessIdentity, options: ProcessTreeOptions, tables: ProfileTables) {
    this.#options = options
    this.#tables = tables
    this.#processes.set(process.pid, new ProcessSampler(process, options, tables, this.#locations))
  }

  /** Whether there is nothing to sample any more, and nothing to hope for. */
  get isGone(): boolean {
    return this.#processes.size === 0 && this.#candidates.size === 0
  }

  get samples(): number {
    return this.#sum('samples', this.#samples)
  }

  get failed(): number {
    return this.#sum('failed', this.#failed)
  }

  get threadCount(): number {
    return this.#sum('threadCount', 0)
  }

  /** Samples all threads of all processes once. */
  round(nowUs: number): void {
    const mayGrow = this.#options.children || this.#candidates.size > 0
    if (mayGrow && nowUs - this.#lookedUs >= LIST_CHILDREN_EVERY_US) this.#look(nowUs)
    for (const process of this.#processes.values()) {
      try {
        process.round(nowUs)
      } catch (error) {
        this.#dropExited(process, error)
      }
    }
  }

  /** Samples all threads once more, and says when that was. */
  roundAgain(): number {
    let us = 0
    for (const process of this.#processes.values()) {
      try {
        us = process.roundAgain()
      } catch (error) {
        this.#dropExited(process, error)
      }
    }
    return us > 0 ? us : this.#tables.clock()
  }

  close(): void {
    for (const process of this.#processes.values()) process.close()
    this.#processes.clear()
  }

  #dropExited(process: ProcessSampler, error: unknown): void {
    if (!(error instanceof RemoraError) || error.code !== 'TARGET_EXITED') throw error
    const { pid } = process
    this.#samples += process.samples
    this.#failed += process.failed
    process.close()
    this.#processes.delete(pid)
    // The same process with another program in it.
    const { startTicks } = process.target
    if (isSame(pid, startTicks)) this.#candidates.set(pid, { startTicks, attempts: 0 })
  }

  #look(nowUs: number): void {
    this.#lookedUs = nowUs
    if (this.#options.children) for (const pid of this.#processes.keys()) this.#addChildrenOf(pid)
    for (const [pid, candidate] of this.#candidates) {
      if (!isSame(pid, candidate.startTicks)) this.#candidates.delete(pid)
      else if (candidate.attempts++ < ATTEMPTS) this.#tryOpen({ pid, startTicks: candidate.startTicks })
      else if (this.#processes.size === 0) this.#candidates.delete(pid)
    }
  }

  #addChildrenOf(pid: number): void {
    for (const child of readChildren(pid)) {
      if (this.#processes.has(child)) continue
      const startTicks = startTicksOf(child)
      if (startTicks === undefined || this.#candidates.get(child)?.startTicks === startTicks) continue
      this.#candidates.set(child, { startTicks, attempts: 0 })
    }
  }

  #tryOpen(process: ProcessIdentity): void {
    try {
      this.#processes.set(process.pid, new ProcessSampler(process, this.#options, this.#tables, this.#locations))
      this.#candidates.delete(process.pid)
    } catch (error) {
      // It may be one the next time.
      if (!(error instanceof RemoraError) && systemErrorCode(error) === undefined) throw error
    }
  }

  #sum(what: 'samples' | 'failed' | 'threadCount', start: number): number {
    let sum = start
    for (const process of this.#processes.values()) sum += process[what]
    return sum
  }
}

function isSame(pid: number, startTicks: number): boolean {
  return startTicksOf(pid) === startTicks
}

function startTicksOf(pid: number): number | undefined {
  try {
    // A zombie still has its number, but nothing else.
    return readExecutable(pid) === undefined ? undefined : readStartTicks(pid)
  } catch {
    return undefined
  }
}
