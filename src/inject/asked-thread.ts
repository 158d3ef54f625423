// The thread that a request is for: what the request is written through, and how it is told from others.

import type { ProcessStatus } from '../process/status.js'
import type { RequestSlot } from './request.js'

/** A thread of the target in which code can be asked to run. */
export interface AskedThread {
  readonly slot: RequestSlot
  readonly status: ProcessStatus
  /** Thread id as this process sees it. */
  readonly tid: number
  /** Whether it is the thread that handles signals and pending calls. */
  readonly main: boolean
  /** Runs `action` at a moment when the thread's state cannot be freed. */
  readonly hold: <T>(action: () => T) => T
}
