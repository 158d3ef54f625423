// The beginning of a session with a target's own pdb: choose the thread, ask it, and hand the caller a session. Who talks
// with pdb, and how, is the caller's affair: `PdbSession` is a transport for `serveFrontEnd`.

import { RemoraError } from '../../errors/remora-error.js'
import { AgentTransport, receiveBeginning } from '../../pdb/agent-transport.js'
import { nowMs, sleep } from '../../process/clock.js'
import { untilAlone } from '../activity/agent-frames.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { ThreadActivityInfo } from '../documents/index.js'
import { expectExit } from '../target/has-exited.js'
import type { HostOptions } from './host.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

export interface PdbOptions extends HostOptions {
  /** The thread that is stopped: `'main'` (the default), a native thread id, an ident, or a name. */
  readonly thread?: string
  /** Whether breakpoints stop every thread, one at a time. */
  readonly allThreads?: boolean
  /** Commands that run first, each as if it had been typed. */
  readonly commands?: readonly string[]
  /** Whether source lines come with colours. A function is called while the target is on its way. */
  readonly colour?: boolean | (() => boolean)
  /** Bytes of output that were not taken in time and are lost. */
  readonly onDropped?: (bytes: number) => void
}

/** Why there is no session: the thread reached no safe point in time, or the caller gave up, or the target has ended. */
export interface NoPdbSession {
  readonly outcome: 'withdrawn' | 'exited'
  readonly pendingMs: number
  readonly pending?: ThreadActivityInfo
}

/** A transport for `serveFrontEnd`, and what it can do beside. */
export type PdbSession = AgentTransport & { readonly outcome?: undefined }

/** How long the session of a client that has died may take to end, and how often we look or ask. */
const LEAVING_MS = 10_000
const RETRY_MS = 20
/** How long a thread that was woken for us may take to come to a line of its own, where pdb stops it. */
const WOKEN_MS = 100

/**
 * @throws RemoraError `DEBUGGER_PRESENT`, `PDB_UNAVAILABLE`, `AGENT_LOST`, and as `submitRequest`.
 */
export async function openPdb(target: WritableTarget, options: PdbOptions = {}): Promise<PdbSession | NoPdbSession> {
  const thread = chooseThread(listThreads(target), options.thread ?? 'main')
  const host = new ThreadHost(target, thread)
  const { commands = [], colour = false, allThreads = false, onDropped = () => {} } = options
  let colorize = false
  const onAsked = (): void => {
    colorize = typeof colour === 'function' ? colour() : colour
  }
  for (const deadline = nowMs() + LEAVING_MS; ; ) {
    const requested = await host.request('pdb', { ...options, onAsked })
    const { pendingMs, pending, nudging } = requested
    if (requested.outcome !== 'arrived') {
      return { outcome: requested.outcome, pendingMs, ...(pending === undefined ? {} : { pending }) }
    }
    const { connection } = requested
    connection.start({ commands, colorize, allThreads })
    const beginning = await receiveBeginning(connection)
    if (beginning === 'begun') {
      const transport = new AgentTransport(connection, {
        onDropped,
        onUnreachable: () => void interruptByRequest(host, options.nudge),
      })
      if (nudging.nudged) transport.interruptUnlessStopped(WOKEN_MS)
      return transport
    }
    if (beginning === 'gone') {
      await expectExit(target)
      return { outcome: 'exited', pendingMs }
    }
    if (beginning !== 'leaving') throw beginning
    if (nowMs() > deadline) throw new RemoraError('DEBUGGER_PRESENT', 'the session of a client that died does not end')
    await sleep(RETRY_MS)
    // Asked again and again in the import of pdb, scripts would be lost (see `unsafe-moment.ts`).
    await untilAlone(target, thread, deadline - nowMs(), RETRY_MS)
  }
}

/** Stops a thread that no signal reaches. One that has ended, or is asked already, needs no second word. */
async function interruptByRequest(host: ThreadHost, nudge: HostOptions['nudge']): Promise<void> {
  try {
    const requested = await host.request('pdb', { nudge })
    if (requested.outcome === 'arrived') requested.connection.start({ interrupt: true })
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
  }
}
