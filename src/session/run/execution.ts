// One run of code in one thread, whatever the code is: asks the host to let the agent in, talks with it, and makes the
// document of what came of it.

import { RemoraError } from '../../errors/remora-error.js'
import type { AgentName } from '../../inject/agent-code.js'
import type { AgentConnection } from '../../inject/agent-connection.js'
import type { Message } from '../../inject/channel.js'
import { followRun, type RunReport } from '../../inject/follow-run.js'
import { nowMs } from '../../process/clock.js'
import type { Outcome, RunInfo, TargetInfo, ThreadInfo } from '../documents/index.js'
import { expectExit } from '../target/has-exited.js'
import type { Host, HostOptions, WatchedOutcome } from './host.js'
import { OutputBuffer } from './output-buffer.js'
import type { WritableTarget } from './writable-target.js'

export interface ExecutionOptions extends HostOptions {
  /** How long it may then run before it is interrupted; without end by default. */
  runTimeoutMs?: number | undefined
  /** Aborting withdraws code that has not started and interrupts what runs. */
  readonly signal?: AbortSignal | undefined
  /** Output as it comes. The document holds it all the same. */
  onOutput?: ((stream: 'stdout' | 'stderr', bytes: Buffer, thread: ThreadInfo) => void | Promise<void>) | undefined
}

/** What is run, and by whom. */
export interface Work<Head extends DocumentHead> {
  /** What the document begins with. */
  readonly head: Head
  readonly agent: AgentName
  /** What it is told. */
  readonly config: unknown
  /** Messages that only this agent sends. */
  readonly onMessage?: (message: Message, connection: AgentConnection) => void
  /** A thread that has gone before its turn is no failure: it has exited. */
  readonly mayBeGone?: boolean
}

interface DocumentHead {
  readonly schema: string
}

export type RunDocument<Head extends DocumentHead> = Head & RunInfo & { target: TargetInfo }

/** How it ended: the agent's own word, or one for it where it had none. */
interface Ending extends Partial<Omit<RunReport, 'outcome'>> {
  readonly outcome: Outcome
}

/**
 * @throws RemoraError as `submitRequest`, `SCRIPT_STUCK` for code that does not let itself be interrupted, `AGENT_LOST`.
 */
export async function execute<Head extends DocumentHead>(
  target: WritableTarget,
  host: Host,
  work: Work<Head>,
  options: ExecutionOptions,
): Promise<RunDocument<Head>> {
  const output = { stdout: new OutputBuffer(), stderr: new OutputBuffer() }
  const onOutput = (stream: 'stdout' | 'stderr', bytes: Buffer): void | Promise<void> => {
    output[stream].add(bytes)
    return options.onOutput?.(stream, bytes, host.info)
  }
  let requested: WatchedOutcome = { outcome: 'exited', pendingMs: 0, nudging: { nudged: false } }
  let ending: Ending = { outcome: 'exited' }
  try {
    requested = await host.request(work.agent, options)
    ending =
      requested.outcome === 'arrived'
        ? await runThrough(requested.connection, work, { ...options, onOutput, target })
        : { outcome: requested.outcome }
  } catch (failure) {
    if (work.mayBeGone !== true || !isGone(failure)) throw failure
  }
  const { pendingMs, pending, nudging } = requested
  const { outcome, runMs = 0, droppedBytes = 0, error } = ending
  return {
    ...work.head,
    target: target.info,
    outcome,
    stdout: output.stdout.toText(),
    stderr: output.stderr.toText(),
    droppedBytes: droppedBytes + output.stdout.droppedBytes + output.stderr.droppedBytes,
    ...(error === undefined ? {} : { error }),
    thread: host.info,
    timing: { pendingMs: round(pendingMs), runMs: round(runMs) },
    ...nudging,
    ...(pending === undefined ? {} : { pending }),
  }
}

function isGone(error: unknown): boolean {
  return error instanceof RemoraError && ['TARGET_EXITED', 'MEMORY_UNREADABLE'].includes(error.code)
}

interface RunOptions extends Omit<ExecutionOptions, 'onOutput'> {
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>
  readonly target: WritableTarget
}

/** The conversation with an agent that has come, to its end. */
async function runThrough(
  connection: AgentConnection,
  { config, onMessage }: Work<DocumentHead>,
  { signal, runTimeoutMs, onOutput, target }: RunOptions,
): Promise<Ending> {
  const started = nowMs()
  const timeout = runTimeoutMs === undefined ? [] : [AbortSignal.timeout(runTimeoutMs)]
  // One of this run's own: a signal of all threads would have more listeners than Node takes for no mistake.
  const interrupt = AbortSignal.any([...(signal === undefined ? [] : [signal]), ...timeout])
  const report = await followRun(connection, config, {
    onOutput,
    interrupt,
    ...(onMessage === undefined ? {} : { onMessage: (message) => onMessage(message, connection) }),
  })
  if (report === 'stuck') {
    const { pid } = target.info
    throw new RemoraError('SCRIPT_STUCK', `the script in process ${pid} cannot be interrupted`, { pid })
  }
  if (report !== undefined) return report
  await expectExit(target)
  return { outcome: 'exited', runMs: nowMs() - started }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
