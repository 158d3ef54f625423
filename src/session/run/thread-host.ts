// A thread of the target as the host of agents: asked to let one in, watched while it takes its time, woken if that is
// wanted. What every command that runs code in the target begins with.

import { RemoraError } from '../../errors/remora-error.js'
import type { AgentName } from '../../inject/agent-code.js'
import { Nudger } from '../../inject/nudge.js'
import { type RequestSlot, readRequest } from '../../inject/request.js'
import { submitRequest } from '../../inject/submit-request.js'
import { nowMs } from '../../process/clock.js'
import { readActivity, readSwitchCount } from '../../process/threads/threads.js'
import { ActivityWatch } from '../activity/activity-watch.js'
import type { TargetThread } from '../activity/threads.js'
import type { NudgingInfo, ThreadActivityInfo, ThreadInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import type { Host, HostOptions, RequestOptions, WatchedOutcome } from './host.js'
import { toAskedThread } from './to-asked-thread.js'
import type { WritableTarget } from './writable-target.js'

const DEFAULT_TIMEOUT_MS = 10_000
const WAITING_NOTICE_MS = 300
const LOOK_MS = 100

export class ThreadHost implements Host {
  readonly #target: WritableTarget
  readonly #thread: TargetThread

  constructor(target: WritableTarget, thread: TargetThread) {
    this.#target = target
    this.#thread = thread
  }

  get info(): ThreadInfo {
    return this.#thread.info
  }

  request(agent: AgentName, options: RequestOptions): Promise<WatchedOutcome> {
    return this.#target.during((closing) => {
      const signal = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
      const { turns } = this.#target.rendezvous
      return turns.during(() => this.#submit(agent, { ...options, signal }), isBlocked(this.#target, this.#thread))
    })
  }

  async #submit(agent: AgentName, options: RequestOptions): Promise<WatchedOutcome> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, onWaiting, nudge, onAsked } = options
    // It may have waited long for its turn.
    if (signal?.aborted) return { outcome: 'withdrawn', pendingMs: 0, nudging: toNudgingInfo(undefined) }
    const thread = this.#thread
    const { rendezvous } = this.#target
    const asked = toAskedThread(this.#target, thread)
    const waiting = new Waiting(this.#target, thread, { slot: asked.slot, onWaiting })
    try {
      const nudger = nudge === undefined ? undefined : new Nudger(asked, nudge)
      const outcome = await submitRequest(asked, rendezvous, { agent, timeoutMs, signal, nudger, onAsked })
      if (outcome.outcome === 'arrived') thread.hear(outcome.connection.threadName)
      // Read as long as there is a memory to read.
      else void thread.info
      if (outcome.outcome === 'withdrawn') waiting.lookAgain()
      const { pending } = waiting
      return { ...outcome, ...(pending === undefined ? {} : { pending }), nudging: toNudgingInfo(nudger) }
    } finally {
      waiting.end()
    }
  }
}

/** Whether the thread sits in one system call since it was last asked. */
function isBlocked({ status: { pid } }: OpenProcess, { tid }: TargetThread): () => boolean {
  let last: number | undefined
  return () => {
    const before = last
    last = readSwitchCount(pid, tid)
    return last === before && readActivity(pid, tid) !== 'running'
  }
}

/** Looks at the thread again and again while it is waited for, and says when what keeps it is another thing. */
class Waiting {
  readonly #thread: TargetThread
  readonly #slot: RequestSlot
  readonly #onWaiting: HostOptions['onWaiting']
  readonly #watch: ActivityWatch
  readonly #timer: NodeJS.Timeout
  readonly #started = nowMs()
  #told: string | undefined
  /** The last look, once the wait is worth a word. */
  pending: ThreadActivityInfo | undefined

  constructor(
    opened: OpenProcess,
    thread: TargetThread,
    { slot, onWaiting }: Pick<HostOptions, 'onWaiting'> & { readonly slot: RequestSlot },
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
    // It has taken the request: what it does now is to let our agent in.
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
