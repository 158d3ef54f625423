// One run of code in one thread, whatever the code is: asks the thread to let the agent in, talks with it, and says how
// it ended. What every document about a run has in common is made here.

import { RemoraError } from '../../errors/remora-error.js'
import type { AgentName } from '../../inject/agent-code.js'
import type { AgentConnection } from '../../inject/agent-connection.js'
import type { Message } from '../../inject/channel.js'
import { followRun, type OutputListener, type RunReport } from '../../inject/follow-run.js'
import { nowMs } from '../../process/clock.js'
import type { TargetThread } from '../activity/threads.js'
import type { NudgingInfo, RunInfo, ThreadActivityInfo, ThreadInfo } from '../documents/index.js'
import { expectExit } from '../target/has-exited.js'
import { type AskTargetOptions, askTarget, type TargetAnswer } from './ask-target.js'
import { OutputBuffer } from './output-buffer.js'
import type { Requests } from './requests.js'

export interface ExecutionOptions extends AskTargetOptions {
  /** How long it may then run before it is interrupted; without end by default. */
  runTimeoutMs?: number | undefined
  /** Aborting withdraws code that has not started and interrupts what runs. */
  readonly signal?: AbortSignal | undefined
  /** Output as it comes. The document holds it all the same. */
  onOutput?: ((stream: 'stdout' | 'stderr', bytes: Buffer, thread: ThreadInfo) => void | Promise<void>) | undefined
}

/** What is run, and by whom. */
export interface Work {
  readonly agent: AgentName
  /** What it is told. */
  readonly config: unknown
  /** Messages that only this agent sends. */
  readonly onMessage?: (message: Message, connection: AgentConnection) => void
}

/** What lets agents in: a thread that comes by at a safe point, or one of our own that waits for them. */
export interface Host {
  readonly info: ThreadInfo
  ask(agent: AgentName, options: AskTargetOptions): Promise<TargetAnswer>
}

export function hostOf(requests: Requests, thread: TargetThread): Host {
  return {
    get info() {
      return thread.info
    },
    ask: (agent, options) => askTarget(requests, thread, agent, options),
  }
}

export class Execution {
  readonly #requests: Requests
  readonly #host: Host
  readonly #options: ExecutionOptions
  readonly #stdout = new OutputBuffer()
  readonly #stderr = new OutputBuffer()
  #waiting: ThreadActivityInfo | undefined
  #nudging: NudgingInfo = { nudged: false }

  constructor(requests: Requests, host: Host, options: ExecutionOptions) {
    this.#requests = requests
    this.#host = host
    this.#options = options
  }

  async run(work: Work): Promise<RunInfo> {
    const { answer, pending, nudging } = await this.#host.ask(work.agent, this.#options)
    this.#waiting = pending
    this.#nudging = nudging
    const { pendingMs } = answer
    if (answer.outcome !== 'arrived') return this.#toInfo({ outcome: answer.outcome }, pendingMs)
    const started = nowMs()
    const report = await this.#follow(answer.connection, work)
    if (report === 'stuck') {
      const { pid } = this.#requests.process.info
      throw new RemoraError('SCRIPT_STUCK', `the script in process ${pid} cannot be interrupted`, { pid })
    }
    if (report !== undefined) return this.#toInfo(report, pendingMs)
    await expectExit(this.#requests.process)
    return this.#toInfo({ outcome: 'exited', runMs: nowMs() - started }, pendingMs)
  }

  toExited(): RunInfo {
    return this.#toInfo({ outcome: 'exited' }, 0)
  }

  async #follow(connection: AgentConnection, { config, onMessage }: Work): Promise<RunReport | 'stuck' | undefined> {
    const { signal, runTimeoutMs, onOutput } = this.#options
    const timeout = runTimeoutMs === undefined ? undefined : AbortSignal.timeout(runTimeoutMs)
    const listen: OutputListener = (stream, bytes) => {
      const buffer = stream === 'stdout' ? this.#stdout : this.#stderr
      buffer.add(bytes)
      return onOutput?.(stream, bytes, this.#host.info)
    }
    const interrupt = signal && timeout ? AbortSignal.any([signal, timeout]) : (signal ?? timeout)
    return followRun(connection, config, {
      onOutput: listen,
      interrupt,
      ...(onMessage === undefined ? {} : { onMessage: (message) => onMessage(message, connection) }),
    })
  }

  #toInfo(
    report: Partial<RunReport> | { outcome: 'withdrawn' | 'exited'; runMs?: number },
    pendingMs: number,
  ): RunInfo {
    const { outcome = 'exited', runMs = 0, droppedBytes = 0, error } = report as Partial<RunReport>
    return {
      outcome,
      stdout: this.#stdout.toText(),
      stderr: this.#stderr.toText(),
      droppedBytes: droppedBytes + this.#stdout.droppedBytes + this.#stderr.droppedBytes,
      ...(error === undefined ? {} : { error }),
      thread: this.#host.info,
      timing: { pendingMs: round(pendingMs), runMs: round(runMs) },
      ...this.#nudging,
      ...(this.#waiting === undefined ? {} : { pending: this.#waiting }),
    }
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
