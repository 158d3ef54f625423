// How soon a script in the main thread would run, said before anyone asks for one: from what keeps the thread, for how
// long by itself, and whether a nudge would wake it. Looks several times, as one look takes a thread in passing for one
// that is stuck.

import { Nudger } from '../../inject/nudge.js'
import { sleepSync } from '../../process/clock.js'
import { ActivityWatch } from '../activity/activity-watch.js'
import { chooseThread, listThreads, type TargetThread } from '../activity/threads.js'
import type { ReachInfo, ThreadActivityInfo } from '../documents/index.js'
import { toAskedThread } from '../run/to-asked-thread.js'
import type { OpenProcess } from '../target/open-process.js'
import { describeActivity, describeWaitingOn } from '../words/activity-words.js'
import { escapeControls } from '../words/escape-controls.js'
import { type Check, pass } from './check.js'

const LOOKS = 5
const BETWEEN_LOOKS_MS = 6

/** The main thread of a target, looked at when the first check asks for it. */
export class MainThread {
  readonly #opened: OpenProcess
  readonly #thread: TargetThread
  #looks: readonly ThreadActivityInfo[] | undefined

  constructor(opened: OpenProcess) {
    this.#opened = opened
    this.#thread = chooseThread(listThreads(opened), 'main')
  }

  get activity(): ThreadActivityInfo {
    return this.#observe().at(-1) as ThreadActivityInfo
  }

  get reach(): ReachInfo {
    const asked = toAskedThread(this.#opened, this.#thread)
    return judge(this.#observe(), () => new Nudger(asked, 'safe').foresee())
  }

  #observe(): readonly ThreadActivityInfo[] {
    if (this.#looks !== undefined) return this.#looks
    const watch = new ActivityWatch(this.#opened, this.#thread)
    const looks = [watch.look()]
    while (looks.length < LOOKS) {
      sleepSync(BETWEEN_LOOKS_MS)
      looks.push(watch.look())
    }
    watch.close()
    this.#looks = looks
    return looks
  }
}

export const mainThreadCheck: Check<MainThread> = {
  id: 'main-thread',
  run: ({ activity }) => pass(`the main thread is ${describeActivity(activity)}`),
}

export const reachCheck: Check<MainThread> = {
  id: 'reach',
  run: ({ reach: { verdict, reason } }) => ({ ok: verdict !== 'unreachable', detail: escapeControls(reason) }),
}

/** How soon a script would run in a thread that does this. */
function judge(looks: readonly ThreadActivityInfo[], refuseNudge: () => string | undefined): ReachInfo {
  const activity = looks.at(-1) as ThreadActivityInfo
  const { state, syscall, endsWithinMs } = activity
  const obstacle = findGilObstacle(activity)
  // A thread may keep the GIL through a system call that takes no time.
  if (obstacle !== undefined && looks.every((look) => findGilObstacle(look) === obstacle))
    return { verdict: 'unreachable', reason: obstacle }
  if (state === 'stopped') return { verdict: 'unreachable', reason: 'nothing runs in it until it goes on' }
  if (state !== 'blocked' || syscall === undefined) {
    const reason =
      'a script would run at the next safe point: at once, unless a long call of native code has to end first'
    return { verdict: 'at-once', reason }
  }
  const until = `a script would run ${nameMoment(activity, syscall)}`
  if (endsWithinMs !== undefined) {
    const limit = syscall.endsWith('nanosleep')
      ? ''
      : `, within ${(endsWithinMs / 1000).toFixed(1)} s by its own time-out`
    return { verdict: 'later', reason: until + limit, endsWithinMs }
  }
  const refusal = refuseNudge()
  if (refusal !== undefined) return { verdict: 'later', reason: `${until}; --nudge would not hasten that: ${refusal}` }
  return { verdict: 'needs-nudge', reason: `${until}, or at once with --nudge` }
}

/** `when read on terminal /dev/pts/3 returns`, `at the end of a sleep, in 12.3 s` */
function nameMoment({ detail }: ThreadActivityInfo, syscall: string): string {
  if (syscall.endsWith('nanosleep') && detail !== undefined) return `at ${detail}`
  return `when ${describeWaitingOn(detail === undefined ? { syscall } : { syscall, detail })} returns`
}

/** A thread that sits in the kernel with the GIL has native code on it that does not let go: no Python runs till then. */
function findGilObstacle({ state, syscall, holdsGil, gilHolder }: ThreadActivityInfo): string | undefined {
  const [call, owner] =
    holdsGil && state === 'blocked'
      ? [syscall, '']
      : [gilHolder?.waitingOn?.syscall, ` of thread ${gilHolder?.nativeId} (${gilHolder?.name})`]
  if (call === undefined) return undefined
  return `no script can run until the system call ${call}${owner} returns: it was made by native code that keeps the GIL`
}
