// Asks a thread of the target to let an agent in, and keeps the caller informed of why it takes its time: what every
// command that runs code in the target begins with.

import { isStaticState } from '../../cpython/runtime/interpreter.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { AgentName } from '../../inject/agent-code.js'
import { type Answer, type AskOptions, askThread } from '../../inject/ask.js'
import type { AskedThread } from '../../inject/asked-thread.js'
import { type NudgeMode, Nudger } from '../../inject/nudge.js'
import { type RequestSlot, readRequest } from '../../inject/request.js'
import { nowMs } from '../../process/clock.js'
import { withThreadsStopped } from '../../process/stop/thread-stop.js'
import { ActivityWatch } from '../activity/activity-watch.js'
import type { TargetThread } from '../activity/threads.js'
import type { NudgingInfo, ThreadActivityInfo, ThreadInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import type { Requests } from './requests.js'

export interface AskTargetOptions {
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

export interface TargetAnswer {
  readonly answer: Answer
  /** What the thread was doing instead when it was last looked at, if it was not there within 300 ms or never came. */
  readonly pending?: ThreadActivityInfo
  /** What was done to wake it. */
  readonly nudging: NudgingInfo
}

const DEFAULT_TIMEOUT_MS = 10_000
const WAITING_NOTICE_MS = 300
const LOOK_MS = 100

/**
 * @throws RemoraError as `askThread`.
 */
export async function askTarget(
  requests: Requests,
  thread: TargetThread,
  agent: AgentName,
  options: AskTargetOptions & Pick<AskOptions, 'onAsked'>,
): Promise<TargetAnswer> {
  return requests.during((closing) => {
    const signal = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
    return ask(requests, thread, agent, { ...options, signal })
  })
}

async function ask(
  requests: Requests,
  thread: TargetThread,
  agent: AgentName,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal, onWaiting, nudge, onAsked }: AskTargetOptions & Pick<AskOptions, 'onAsked'>,
): Promise<TargetAnswer> {
  const opened = requests.process
  const { rendezvous } = requests
  const asked = toAskedThread(opened, thread)
  const waiting = new Waiting(opened, thread, { slot: asked.slot, onWaiting })
  try {
    const nudger = nudge === undefined ? undefined : new Nudger(asked, nudge)
    const answer = await askThread(asked, rendezvous, { agent, timeoutMs, signal, nudger, onAsked })
    if (answer.outcome === 'arrived') thread.hear(answer.connection.threadName)
    // Read as long as there is a memory to read.
    else void thread.info
    if (answer.outcome === 'withdrawn') waiting.lookAgain()
    const { pending } = waiting
    return { answer, ...(pending === undefined ? {} : { pending }), nudging: toNudgingInfo(nudger) }
  } finally {
    waiting.end()
  }
}

/** Looks at the thread again and again while it is waited for, and says when what keeps it is another thing. */
class Waiting {
  readonly #thread: TargetThread
  readonly #slot: RequestSlot
  readonly #onWaiting: AskTargetOptions['onWaiting']
  readonly #watch: ActivityWatch
  readonly #timer: NodeJS.Timeout
  readonly #started = nowMs()
  #told: string | undefined
  /** The last look, once the wait is worth a word. */
  pending: ThreadActivityInfo | undefined

  constructor(
    opened: OpenProcess,
    thread: TargetThread,
    { slot, onWaiting }: Pick<AskTargetOptions, 'onWaiting'> & { readonly slot: RequestSlot },
  ) {
    this.#thread = thread
    this.#slot = slot
    this.#onWaiting = onWaiting
    this.#watch = new ActivityWatch(opened, thread, { requested: true })
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  lookAgain(): void {
    this.pending = this.#watch.look()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#watch.close()
  }

  #look(): void {
    // It has come by: what it does now is to let our agent in.
    if (this.#isTaken()) return
    const activity = this.#watch.look()
    // Read now, as the target may end.
    void this.#thread.info
    if (nowMs() - this.#started < WAITING_NOTICE_MS) return
    this.pending = activity
    const reason = reasonOf(activity)
    if (reason === this.#told) return
    this.#told = reason
    this.#onWaiting?.(activity, this.#thread.info)
  }

  #isTaken(): boolean {
    try {
      return !readRequest(this.#slot).pending
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      // The target has ended, which others find out.
      return false
    }
  }
}

/** What is the same from look to look as long as the same thing keeps the thread. */
function reasonOf(activity: ThreadActivityInfo): string {
  const { unmovedMs, endsWithinMs, detail, gilHolder, ...reason } = activity
  // A sleep's detail counts down, and who holds the GIL means little to a thread that does not want it.
  const holder = activity.state === 'runnable' ? gilHolder?.nativeId : undefined
  return JSON.stringify([reason, endsWithinMs === undefined ? detail : 'limited', holder])
}

function toNudgingInfo(nudger: Nudger | undefined): NudgingInfo {
  if (nudger === undefined) return { nudged: false }
  const { nudges, declined } = nudger
  return {
    nudged: nudges.length > 0,
    nudges: nudges.map((nudge) => ({ ...nudge })),
    ...(declined === undefined ? {} : { notNudged: declined }),
  }
}

/** The main thread's state is static; any other is freed when its thread ends, which a stop of both prevents. */
export function toAskedThread({ status, runtime }: OpenProcess, { state, tid, main }: TargetThread): AskedThread {
  const tids = tid === status.pid ? [tid] : [status.pid, tid]
  return {
    slot: { runtime, thread: state.address },
    status,
    tid,
    main,
    hold: isStaticState(runtime, state)
      ? (action) => action()
      : (action) => withThreadsStopped(status.pid, tids, action),
  }
}
