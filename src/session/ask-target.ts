// Asks a thread of the target to let an agent in, and keeps the caller informed of why it takes its time: what every
// command that runs code in the target begins with.

import { isStaticState } from '../cpython/interpreter.js'
import { type Answer, type AskedThread, askThread } from '../inject/ask.js'
import { withThreadsStopped } from '../process/thread-stop.js'
import { describeActivity } from './describe-activity.js'
import type { ThreadActivityInfo, ThreadInfo } from './documents.js'
import type { OpenProcess } from './open-process.js'
import type { Requests } from './requests.js'
import type { TargetThread } from './threads.js'

export interface AskTargetOptions {
  /** How long the thread may take to come by; 10,000 by default. Then the request is withdrawn. */
  readonly timeoutMs?: number | undefined
  /** Aborting withdraws the request. */
  readonly signal?: AbortSignal | undefined
  /** Called once, if the thread has not come by after 300 ms. */
  readonly onWaiting?: ((activity: ThreadActivityInfo, thread: ThreadInfo) => void) | undefined
}

export interface TargetAnswer {
  readonly answer: Answer
  /** What the thread was doing instead, if it was not there within 300 ms. */
  readonly pending?: ThreadActivityInfo
}

const DEFAULT_TIMEOUT_MS = 10_000
const WAITING_NOTICE_MS = 300

/**
 * @param agent Python source of the agent, as for `askThread`.
 * @throws RemoraError as `askThread`.
 */
export async function askTarget(
  requests: Requests,
  thread: TargetThread,
  agent: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal, onWaiting }: AskTargetOptions,
): Promise<TargetAnswer> {
  const opened = requests.process
  const rendezvous = await requests.rendezvous()
  let pending: ThreadActivityInfo | undefined
  const notice = setTimeout(() => {
    pending = describeActivity(opened, thread)
    onWaiting?.(pending, thread.info)
  }, WAITING_NOTICE_MS)
  try {
    const asking = askThread(toAskedThread(opened, thread), rendezvous, { agent, timeoutMs, signal })
    // The request is written and the target on its way; what callers show of the thread is read meanwhile.
    void thread.info
    const answer = await asking
    return { answer, ...(pending === undefined ? {} : { pending }) }
  } finally {
    clearTimeout(notice)
  }
}

/** The main thread's state is static; any other is freed when its thread ends, which a stop of both prevents. */
export function toAskedThread({ status, runtime }: OpenProcess, { state, tid }: TargetThread): AskedThread {
  const tids = tid === status.pid ? [tid] : [status.pid, tid]
  return {
    slot: { runtime, thread: state.address },
    status,
    tid,
    hold: isStaticState(runtime, state)
      ? (action) => action()
      : (action) => withThreadsStopped(status.pid, tids, action),
  }
}
