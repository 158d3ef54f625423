// Runs a script in a target and gathers all that comes of it into one document: choose the thread, ask it, converse
// with the agent, and tell from the end of the connection what became of the target.

import { setTimeout as sleep } from 'node:timers/promises'
import { isStaticState } from '../cpython/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { type Answer, type AskedThread, askThread } from '../inject/ask.js'
import type { Rendezvous } from '../inject/rendezvous.js'
import { type OutputListener, runScript, type ScriptReport, scriptAgent } from '../inject/run-script.js'
import { nowMs } from '../process/clock.js'
import { withThreadsStopped } from '../process/thread-stop.js'
import { describeActivity } from './describe-activity.js'
import type { ExecDocument, ThreadActivityInfo, ThreadInfo } from './documents.js'
import type { OpenProcess } from './open-process.js'
import { OutputBuffer } from './output-buffer.js'
import { chooseThread, listThreads, type TargetThread } from './threads.js'

export interface ExecOptions {
  /** `'main'` (the default), a native thread id, an ident, or a name. */
  thread?: string
  /** How long the script may take to start; 10,000 by default. Then it is withdrawn. */
  timeoutMs?: number
  /** How long it may then run before it is interrupted; without end by default. */
  runTimeoutMs?: number
  /** What tracebacks show as the script's file; `<string>` by default. */
  filename?: string
  /** Aborting withdraws a script that has not started and interrupts one that runs. */
  signal?: AbortSignal
  /** Output as it comes. The document holds it all the same. */
  onOutput?: (stream: 'stdout' | 'stderr', bytes: Buffer, thread: ThreadInfo) => void | Promise<void>
  /** Called once, if the script has not started after 300 ms. */
  onWaiting?: (activity: ThreadActivityInfo, thread: ThreadInfo) => void
}

const DEFAULT_TIMEOUT_MS = 10_000
const WAITING_NOTICE_MS = 300
/** How long a process may take from closing its files to being gone. */
const EXIT_MS = 500

export async function exec(
  opened: OpenProcess,
  rendezvous: Rendezvous,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument> {
  const thread = chooseThread(listThreads(opened), options.thread ?? 'main')
  return new Execution(opened, rendezvous, thread, options).run(source)
}

export async function execInAllThreads(
  opened: OpenProcess,
  rendezvous: Rendezvous,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument[]> {
  const threads = listThreads(opened)
  const results = await Promise.allSettled(
    threads.map(async (thread) => {
      const execution = new Execution(opened, rendezvous, thread, options)
      try {
        return await execution.run(source)
      } catch (error) {
        // Threads come and go; one that has gone before its turn is no reason to lose what the others say.
        const gone = error instanceof RemoraError && ['TARGET_EXITED', 'MEMORY_UNREADABLE'].includes(error.code)
        if (gone) return execution.toExited()
        throw error
      }
    }),
  )
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** One script in one thread. */
class Execution {
  readonly #opened: OpenProcess
  readonly #rendezvous: Rendezvous
  readonly #thread: TargetThread
  readonly #options: ExecOptions
  readonly #stdout = new OutputBuffer()
  readonly #stderr = new OutputBuffer()
  #info: ThreadInfo | undefined
  #waiting: ThreadActivityInfo | undefined

  constructor(opened: OpenProcess, rendezvous: Rendezvous, thread: TargetThread, options: ExecOptions) {
    this.#opened = opened
    this.#rendezvous = rendezvous
    this.#thread = thread
    this.#options = options
  }

  async run(source: string | Uint8Array): Promise<ExecDocument> {
    const answer = await this.#ask()
    const { pendingMs } = answer
    if (answer.outcome !== 'arrived') return this.#toDocument({ outcome: answer.outcome }, pendingMs)
    const started = nowMs()
    const report = await this.#converse(answer, Buffer.from(source))
    if (report === 'stuck') {
      throw new RemoraError(
        'SCRIPT_STUCK',
        `the script in process ${this.#opened.info.pid} does not let itself be interrupted`,
        {
          pid: this.#opened.info.pid,
        },
      )
    }
    if (report !== undefined) return this.#toDocument(report, pendingMs)
    await this.#expectExit()
    return this.#toDocument({ outcome: 'exited', runMs: nowMs() - started }, pendingMs)
  }

  toExited(): ExecDocument {
    return this.#toDocument({ outcome: 'exited' }, 0)
  }

  async #ask(): Promise<Answer> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, onWaiting } = this.#options
    const notice = setTimeout(() => {
      this.#waiting = describeActivity(this.#opened, this.#thread)
      onWaiting?.(this.#waiting, this.#thread.info)
    }, WAITING_NOTICE_MS)
    try {
      const asked = toAskedThread(this.#opened, this.#thread)
      const answer = askThread(asked, this.#rendezvous, { agent: scriptAgent, timeoutMs, signal })
      // The request is written and the target on its way; what the document needs is read meanwhile.
      this.#info = this.#thread.info
      return await answer
    } finally {
      clearTimeout(notice)
    }
  }

  async #converse(
    { connection }: Extract<Answer, { outcome: 'arrived' }>,
    source: Buffer,
  ): Promise<ScriptReport | 'stuck' | undefined> {
    const { filename = '<string>', signal, runTimeoutMs, onOutput } = this.#options
    const timeout = runTimeoutMs === undefined ? undefined : AbortSignal.timeout(runTimeoutMs)
    const listen: OutputListener = (stream, bytes) => {
      const buffer = stream === 'stdout' ? this.#stdout : this.#stderr
      buffer.add(bytes)
      return onOutput?.(stream, bytes, this.#thread.info)
    }
    const interrupts = [signal, timeout].filter((one) => one !== undefined)
    return runScript(connection, { source, filename }, { onOutput: listen, interrupt: AbortSignal.any(interrupts) })
  }

  /** The connection has ended without a report: the process has, or has become another program. */
  async #expectExit(): Promise<void> {
    const { runtime, info } = this.#opened
    for (const deadline = nowMs() + EXIT_MS; nowMs() < deadline; await sleep(5)) {
      try {
        runtime.memory.read(runtime.address, 8)
      } catch (error) {
        if (error instanceof RemoraError && error.code === 'TARGET_EXITED') return
        throw error
      }
    }
    throw new RemoraError(
      'AGENT_LOST',
      `the script in process ${info.pid} closed its connection; it may still be running`,
      {
        pid: info.pid,
      },
    )
  }

  #toDocument(
    report: Partial<ScriptReport> | { outcome: 'withdrawn' | 'exited'; runMs?: number },
    pendingMs: number,
  ): ExecDocument {
    const { outcome = 'exited', runMs = 0, droppedBytes = 0, error } = report as Partial<ScriptReport>
    return {
      schema: 'remora.exec/1',
      target: this.#opened.info,
      outcome,
      stdout: this.#stdout.toText(),
      stderr: this.#stderr.toText(),
      droppedBytes: droppedBytes + this.#stdout.droppedBytes + this.#stderr.droppedBytes,
      ...(error === undefined ? {} : { error }),
      thread: this.#info ?? this.#thread.info,
      timing: { pendingMs: round(pendingMs), runMs: round(runMs) },
      nudged: false,
      ...(this.#waiting === undefined ? {} : { pending: this.#waiting }),
    }
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

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
