// What lets agents into a target: a thread of the program that reaches a safe point (`thread-host.ts`), or one of our own
// that waits for them (`session-thread.ts`). Whoever runs code asks a host, and need not know which of the two it is.

import type { AgentName } from '../../inject/agent-code.js'
import type { NudgeMode } from '../../inject/nudge.js'
import type { RequestOutcome, SubmitOptions } from '../../inject/submit-request.js'
import type { NudgingInfo, ThreadActivityInfo, ThreadInfo } from '../documents/index.js'

export interface Host {
  readonly info: ThreadInfo
  /** @throws RemoraError as `submitRequest`. */
  request(agent: AgentName, options: RequestOptions): Promise<WatchedOutcome>
}

export interface HostOptions {
  /** How long the thread may take to reach a safe point; 10,000 by default. Then the request is withdrawn. */
  readonly timeoutMs?: number | undefined
  /** Aborting withdraws the request. */
  readonly signal?: AbortSignal | undefined
  /** Called if the thread has reached no safe point after 300 ms, and again whenever it is kept by something else. */
  readonly onWaiting?: ((activity: ThreadActivityInfo, thread: ThreadInfo) => void) | undefined
  /**
   * Wakes a thread that is blocked in a system call: `'safe'` where that leaves the program as it was, `'force'` also
   * in calls that Python did not make itself. By default it is left to reach a safe point by itself.
   */
  readonly nudge?: NudgeMode | undefined
}

export type RequestOptions = HostOptions & Pick<SubmitOptions, 'onAsked'>

/** How a request has ended, and what was seen and done meanwhile. */
export type WatchedOutcome = RequestOutcome & {
  /** What the thread was doing instead when it was last looked at, if it was not there within 300 ms or never came. */
  readonly pending?: ThreadActivityInfo
  /** What was done to wake it. */
  readonly nudging: NudgingInfo
}
