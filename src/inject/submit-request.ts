// Submits a request to one thread, to let our agent in, and waits for it: stage, check, write, wait, and on time-out or
// abort withdraw. Ends in exactly one way: the agent has arrived, the request is withdrawn, or the target has exited.
// What the agent then does is its own affair (`protocol.ts`).

import { RemoraError } from '../errors/remora-error.js'
import { nowMs, sleep } from '../process/clock.js'
import { readActivity } from '../process/threads/threads.js'
import { isAbandoned, removeAbandoned } from './abandoned-request.js'
import type { AgentName } from './agent-code.js'
import type { AgentConnection } from './agent-connection.js'
import type { AskedThread } from './asked-thread.js'
import type { Nudger } from './nudge.js'
import type { Rendezvous, StagedRequest } from './rendezvous.js'
import {
  checkRequest,
  drawAttention,
  type RequestSlot,
  type RequestState,
  readRequest,
  withdrawRequest,
  writeRequest,
} from './request.js'
import { isUnsafeMoment } from './unsafe-moment.js'

export interface SubmitOptions {
  /** Which one is to come. */
  readonly agent: AgentName
  /** How long the thread may take to reach a safe point. */
  readonly timeoutMs: number
  /** Aborting withdraws the request. */
  readonly signal?: AbortSignal | undefined
  /** Called when the request has been written: the target is on its way, and we have nothing to do. */
  readonly onAsked?: (() => void) | undefined
  /** Wakes a thread that is blocked; without it, the thread is waited for. */
  readonly nudger?: Nudger | undefined
}

export type RequestOutcome =
  | { readonly outcome: 'arrived'; readonly connection: AgentConnection; readonly pendingMs: number }
  | { readonly outcome: 'withdrawn' | 'exited'; readonly pendingMs: number }

const POLL_MS = 20
/**
 * How long a request of someone else may keep the thread's mailbox before we give up on it, or a bad moment last. The agent
 * of a client that gets no CPU keeps the thread for a second.
 */
const OTHERS_MS = 1_500
/** How long a request may be pending without the thread's attention before it is drawn again. */
const INATTENTION_MS = 100
/** How long a script may have been taken without a word of its agent before it is asked for again, and how often. */
const UNHEARD_MS = 2_000
const MAX_REPEATS = 2
/** How long an agent that was picked up at the moment of withdrawal is waited for. */
const LINGER_MS = 1_000

/**
 * @throws RemoraError as `checkRequest`, and `REQUEST_REFUSED` when the target took the script but did not run it.
 */
export async function submitRequest(
  thread: AskedThread,
  rendezvous: Rendezvous,
  options: SubmitOptions,
): Promise<RequestOutcome> {
  await rendezvous.listen()
  const staged = rendezvous.stage(options.agent)
  let abandoned: string | undefined
  try {
    abandoned = await write(thread, staged.path)
    options.onAsked?.()
    return await settle(thread, staged, options)
  } finally {
    staged.discard()
    if (abandoned !== undefined) removeAbandoned(abandoned, thread.status)
  }
}

/**
 * Checks and writes the request. One of someone else gets a moment to be taken, and so does a moment at which the script
 * would be lost: on a target that moves, that is a matter of milliseconds. Returns the path of a request that a killed
 * Remora had left there.
 */
async function write({ slot, hold }: AskedThread, path: string): Promise<string | undefined> {
  const deadline = nowMs() + OTHERS_MS
  let abandoned: string | undefined
  for (;;) {
    const late = nowMs() > deadline
    try {
      const isWritten = hold(() => {
        abandoned = withdrawAbandoned(slot, late) ?? abandoned
        checkRequest(slot, path)
        if (!late && isUnsafeMoment(slot)) return false
        writeRequest(slot, path)
        return true
      })
      if (isWritten) return abandoned
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'REQUEST_PENDING' || late) throw error
    }
    await sleep(1)
  }
}

/**
 * Takes back the request of a Remora that has been killed, and returns its path. One without a path is half withdrawn:
 * it takes a moment to see that nobody is there to finish that.
 */
function withdrawAbandoned(slot: RequestSlot, late: boolean): string | undefined {
  const { pending, path } = readRequest(slot)
  const isLeftOver = pending && (path === '' ? late : isAbandoned(path))
  return isLeftOver && withdrawRequest(slot, path) && path !== '' ? path : undefined
}

async function settle(thread: AskedThread, staged: StagedRequest, options: SubmitOptions): Promise<RequestOutcome> {
  const started = nowMs()
  const watch = new RequestWatch(thread, staged)
  try {
    const connection = await waitForAgent(staged, options, watch)
    const pendingMs = nowMs() - started
    if (connection !== undefined) {
      // Two debuggers that ask at the same moment can make the thread run one script twice. Our agent waits for its
      // answer now, so its thread stays, and a second request for it is still there to be taken back.
      const isTakenBack = withdrawRequest(thread.slot, staged.path)
      // Or the thread has just taken it, and needs the file: its agent hears our answer, and speaks, when that is over.
      if (watch.hasAskedAgain && !isTakenBack) staged.keepUntil(connection.spoken)
      return { outcome: 'arrived', connection, pendingMs }
    }
    const taken = isTaken(thread.slot, staged.path)
    const late = await withdraw(thread, staged)
    if (taken && !late && !options.signal?.aborted) throw refused(staged.path)
    return { outcome: 'withdrawn', pendingMs }
  } catch (error) {
    if (!(error instanceof RemoraError) || error.code !== 'TARGET_EXITED') throw error
    return { outcome: 'exited', pendingMs: nowMs() - started }
  }
}

/** The agent, or undefined when time is up or the caller has aborted. */
async function waitForAgent(
  staged: StagedRequest,
  { timeoutMs, signal, nudger }: SubmitOptions,
  watch: RequestWatch,
): Promise<AgentConnection | undefined> {
  const deadline = nowMs() + timeoutMs
  while (!signal?.aborted) {
    const remaining = deadline - nowMs()
    if (remaining <= 0) return undefined
    const connection = await firstOf(staged.arrival, Math.min(POLL_MS, remaining), signal)
    if (connection !== undefined) return connection
    watch.look()
    // Most threads reach a safe point before the first look; only one that has not is nudged.
    nudger?.attempt()
  }
  return undefined
}

/** Whether the thread has taken the request: its agent should be here within microseconds, on a crowded machine later. */
function isTaken(slot: RequestSlot, path: string): boolean {
  const state = readRequest(slot)
  return !state.pending && state.path === path
}

function refused(path: string): RemoraError {
  return new RemoraError('REQUEST_REFUSED', 'the target took the script, but did not run it', { path })
}

/** `arrival`, or undefined after `ms` or an abort. */
function firstOf<T>(arrival: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (value?: T): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      resolve(value)
    }
    const stop = (): void => settle()
    const timer = setTimeout(stop, ms)
    signal?.addEventListener('abort', stop)
    void arrival.then(settle)
  })
}

/** Looks at the request from time to time, and mends what can happen to it. */
class RequestWatch {
  readonly #thread: AskedThread
  readonly #staged: StagedRequest
  #since = nowMs()
  #last: RequestState | undefined
  #repeats = 0
  /** Whether the thread may run the script twice. */
  hasAskedAgain = false

  constructor(thread: AskedThread, staged: StagedRequest) {
    this.#thread = thread
    this.#staged = staged
  }

  look(): void {
    const { slot, hold } = this.#thread
    const state = readRequest(slot)
    const same = state.pending === this.#last?.pending && state.attention === this.#last.attention
    if (!same) this.#since = nowMs()
    this.#last = state
    const unchangedMs = nowMs() - this.#since
    const ours = state.path === this.#staged.path

    if (state.pending && ours && !state.attention && unchangedMs > INATTENTION_MS) {
      hold(() => drawAttention(slot))
    } else if (!state.pending && !ours && unchangedMs > INATTENTION_MS) {
      // Another debugger asked at the same moment and overwrote the path. Its script has run by now.
      this.#askAgain()
    } else if (!state.pending && ours && unchangedMs > UNHEARD_MS && this.#repeats < MAX_REPEATS) {
      // It was taken in code without builtins and is lost (see `unsafe-moment.ts`). One that ran all the same is turned away.
      this.#repeats++
      this.#askAgain()
    }
  }

  #askAgain(): void {
    const { slot, hold } = this.#thread
    const { path } = this.#staged
    // A target that finds no file says so on its own standard error.
    if (!this.#staged.isThere()) return
    try {
      hold(() => {
        checkRequest(slot, path)
        writeRequest(slot, path)
      })
      this.hasAskedAgain = true
    } catch (error) {
      // Someone else's, which has come in meanwhile, is seen at the next look.
      if (!(error instanceof RemoraError) || error.code !== 'REQUEST_PENDING') throw error
    }
  }
}

/**
 * Takes the request back and makes sure that no agent is on its way, so that its file can be removed. Between the
 * thread's look at the request and the agent's first word lie microseconds; a thread that stays in one system call
 * all the while is not in them. Returns whether an agent came all the same, and was turned away.
 */
async function withdraw({ slot, hold, status: { pid }, tid }: AskedThread, staged: StagedRequest): Promise<boolean> {
  const before = readActivity(pid, tid)
  const wasPending = hold(() => withdrawRequest(slot, staged.path))
  const after = readActivity(pid, tid)
  const asleep =
    typeof before === 'object' &&
    typeof after === 'object' &&
    before.number === after.number &&
    before.stackPointer === after.stackPointer
  if (wasPending && asleep) return false
  const late = await firstOf(staged.arrival, LINGER_MS)
  late?.close()
  return late !== undefined
}
