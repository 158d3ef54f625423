// The asyncio tasks of a process that is watched. A program may have ten thousand of them, so they are read only as often
// as that costs little beside the sampling.

import { RemoraError } from '../../../errors/remora-error.js'
import type { TaskInfo } from '../../documents/index.js'
import { readTasks } from '../../read/tasks.js'
import type { OpenProcess } from '../../target/open-process.js'

/** Of the time that goes by, how much may be spent on reading tasks. */
const LARGEST_SHARE = 0.02
/** A program may import asyncio at any time, but it is not looked for all the time. */
const LEAST_PAUSE_MS = 500

export class TaskWatch {
  readonly #opened: OpenProcess
  #nextAt = 0
  tasks: readonly TaskInfo[] = []

  constructor(opened: OpenProcess) {
    this.#opened = opened
  }

  /** Reads them again, if it is time to. */
  refresh(): void {
    const start = performance.now()
    if (start < this.#nextAt) return
    try {
      this.tasks = readTasks(this.#opened).tasks
    } catch (error) {
      // It ends, or becomes something else, as the sampler will tell; or they move too fast for this time.
      if (!(error instanceof RemoraError)) throw error
    }
    const end = performance.now()
    this.#nextAt = end + Math.max(LEAST_PAUSE_MS, (end - start) / LARGEST_SHARE)
  }
}
