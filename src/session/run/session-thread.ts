// The thread in a target that keeps a session's variables for as long as this process lives, and that can run the
// session's lines itself. It stands still in C all the while, but for those.

import { RemoraError } from '../../errors/remora-error.js'
import type { AgentName } from '../../inject/agent-code.js'
import type { AgentConnection } from '../../inject/agent-connection.js'
import { MESSAGES, parseJson } from '../../inject/protocol.js'
import { randomHex } from '../../inject/random.js'
import type { RequestOutcome } from '../../inject/submit-request.js'
import { nowMs, sleep } from '../../process/clock.js'
import { threadExists, threadIdMapper } from '../../process/threads/threads.js'
import type { TargetThread } from '../activity/threads.js'
import type { ThreadInfo } from '../documents/index.js'
import type { Host, RequestOptions, WatchedOutcome } from './host.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

/** How long to wait for its thread to go. It needs the GIL for a moment: where that is held for longer, it goes then. */
const LEAVE_MS = 1_000
/** How long the thread may take to begin, and how often it is asked for. */
const BEGIN_MS = 5_000
const ATTEMPTS = 2

export class SessionThread implements Host {
  readonly info: ThreadInfo
  /** By which the agents of the lines know that they have found it. */
  readonly token: string
  readonly #target: WritableTarget
  readonly #connection: AgentConnection
  /** Its thread id as this process sees it. */
  readonly #tid: number

  private constructor(
    target: WritableTarget,
    connection: AgentConnection,
    { info, token }: Pick<SessionThread, 'info' | 'token'>,
  ) {
    this.#target = target
    this.#connection = connection
    this.info = info
    this.token = token
    this.#tid = threadIdMapper(target.status)(info.nativeId)
  }

  /**
   * Starts the thread, through `host`. Undefined when that could not be asked in time, or the target exits.
   * @throws RemoraError as `submitRequest`, and `AGENT_LOST`.
   */
  static async start(target: WritableTarget, host: Host, options: RequestOptions): Promise<SessionThread | undefined> {
    // One that has gone without a word has waited for ours for too long, on a machine that is very busy.
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const requested = await host.request('session-thread', options)
      if (requested.outcome !== 'arrived') return undefined
      const { connection } = requested
      const token = randomHex(16)
      connection.start({ token })
      const timer = setTimeout(() => connection.close(), BEGIN_MS)
      const message = await connection.receive()
      clearTimeout(timer)
      const numbers = message?.kind === MESSAGES.sessionThread.kind ? parseNumbers(message.payload) : undefined
      if (numbers !== undefined)
        return new SessionThread(target, connection, { token, info: { ...numbers, name: 'remora' } })
    }
    const { pid } = target.info
    throw new RemoraError('AGENT_LOST', `process ${pid} could not start a thread for the session`, { pid })
  }

  /** Lets an agent in through the thread itself, whatever the others do. */
  async request(agent: AgentName, options: RequestOptions): Promise<WatchedOutcome> {
    return { ...(await this.#hand(agent, options)), nudging: { nudged: false } }
  }

  async #hand(
    agent: AgentName,
    { timeoutMs = Number.POSITIVE_INFINITY, signal }: RequestOptions,
  ): Promise<RequestOutcome> {
    const started = nowMs()
    const expected = this.#target.rendezvous.expect(agent)
    try {
      this.#connection.send(MESSAGES.runScript, Buffer.from(expected.script))
      for (;;) {
        const arrived = await Promise.race([expected.arrival, sleep(20)])
        const pendingMs = nowMs() - started
        if (arrived !== undefined) return { outcome: 'arrived', connection: arrived, pendingMs }
        if (!this.#lives()) return { outcome: 'exited', pendingMs }
        if (signal?.aborted || pendingMs > timeoutMs) return { outcome: 'withdrawn', pendingMs }
      }
    } finally {
      expected.discard()
    }
  }

  /** Ends the thread, and waits until it has gone, a second at most. */
  async stop(): Promise<void> {
    this.#connection.send(MESSAGES.endSession, Buffer.alloc(0))
    this.#connection.close()
    for (const deadline = nowMs() + LEAVE_MS; this.#lives() && nowMs() < deadline; ) await sleep(1)
  }

  #lives(): boolean {
    return threadExists(this.#target.status.pid, this.#tid)
  }
}

/** The first of these threads that reaches a safe point. */
export function hostOfAny(target: WritableTarget, threads: readonly TargetThread[]): Host {
  const hosts = threads.map((thread) => new ThreadHost(target, thread))
  return {
    info: hosts[0]?.info ?? { id: 0, nativeId: 0, name: '' },
    request: async (agent, options) => {
      const found = new AbortController()
      const signal = AbortSignal.any([found.signal, ...(options.signal === undefined ? [] : [options.signal])])
      let other: WatchedOutcome | undefined
      const arrivals = hosts.map(async (host) => {
        const requested = await host.request(agent, { ...options, signal })
        if (requested.outcome === 'arrived' && !found.signal.aborted) {
          found.abort()
          return requested
        }
        // Two may come at the same moment. One that is not started goes without a trace.
        if (requested.outcome === 'arrived') requested.connection.close()
        else other = requested
        throw new Error('not this one')
      })
      try {
        return await Promise.any(arrivals)
      } catch (error) {
        if (other !== undefined) return other
        throw (error as AggregateError).errors[0]
      }
    },
  }
}

function parseNumbers(payload: Buffer): { id: number; nativeId: number } | undefined {
  const { id, nativeId } = parseJson(MESSAGES.sessionThread, payload)
  return typeof id === 'number' && typeof nativeId === 'number' ? { id, nativeId } : undefined
}
