// Runs a script in a target and gathers all that comes of it into one document: choose the thread, ask it, converse
// with the agent, and tell from the end of the connection what became of the target.

import { setTimeout as sleep } from 'node:timers/promises'
import { RemoraError } from '../errors/remora-error.js'
import type { Answer } from '../inject/ask.js'
import { type OutputListener, runScript, type ScriptReport, scriptAgent } from '../inject/run-script.js'
import { nowMs } from '../process/clock.js'
import { type AskTargetOptions, askTarget } from './ask-target.js'
import type { ExecDocument, NudgingInfo, ThreadActivityInfo, ThreadInfo } from './documents.js'
import { OutputBuffer } from './output-buffer.js'
import type { Requests } from './requests.js'
import { chooseThread, listThreads, type TargetThread } from './threads.js'

export interface ExecOptions extends AskTargetOptions {
  /** `'main'` (the default), a native thread id, an ident, or a name. */
  thread?: string
  /** How long it may then run before it is interrupted; without end by default. */
  runTimeoutMs?: number
  /** What tracebacks show as the script's file; `<string>` by default. */
  filename?: string
  /** Aborting withdraws a script that has not started and interrupts one that runs. */
  readonly signal?: AbortSignal | undefined
  /** Output as it comes. The document holds it all the same. */
  onOutput?: (stream: 'stdout' | 'stderr', bytes: Buffer, thread: ThreadInfo) => void | Promise<void>
}

/** How long a process may take from closing its files to being gone. */
const EXIT_MS = 500

export async function exec(
  requests: Requests,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument> {
  const thread = chooseThread(listThreads(requests.process), options.thread ?? 'main')
  return new Execution(requests, thread, options).run(source)
}

export async function execInAllThreads(
  requests: Requests,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument[]> {
  const threads = listThreads(requests.process)
  const results = await Promise.allSettled(
    threads.map(async (thread) => {
      const execution = new Execution(requests, thread, options)
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
  readonly #requests: Requests
  readonly #thread: TargetThread
  readonly #options: ExecOptions
  readonly #stdout = new OutputBuffer()
  readonly #stderr = new OutputBuffer()
  #waiting: ThreadActivityInfo | undefined
  #nudging: NudgingInfo = { nudged: false }

  constructor(requests: Requests, thread: TargetThread, options: ExecOptions) {
    this.#requests = requests
    this.#thread = thread
    this.#options = options
  }

  async run(source: string | Uint8Array): Promise<ExecDocument> {
    const { answer, pending, nudging } = await askTarget(this.#requests, this.#thread, scriptAgent, this.#options)
    this.#waiting = pending
    this.#nudging = nudging
    const { pendingMs } = answer
    if (answer.outcome !== 'arrived') return this.#toDocument({ outcome: answer.outcome }, pendingMs)
    const started = nowMs()
    const report = await this.#converse(answer, Buffer.from(source))
    if (report === 'stuck') {
      const { pid } = this.#requests.process.info
      throw new RemoraError('SCRIPT_STUCK', `the script in process ${pid} does not let itself be interrupted`, { pid })
    }
    if (report !== undefined) return this.#toDocument(report, pendingMs)
    await this.#expectExit()
    return this.#toDocument({ outcome: 'exited', runMs: nowMs() - started }, pendingMs)
  }

  toExited(): ExecDocument {
    return this.#toDocument({ outcome: 'exited' }, 0)
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
    const {
      runtime,
      info: { pid },
    } = this.#requests.process
    for (const deadline = nowMs() + EXIT_MS; nowMs() < deadline; await sleep(5)) {
      try {
        runtime.memory.read(runtime.address, 8)
      } catch (error) {
        if (error instanceof RemoraError && error.code === 'TARGET_EXITED') return
        throw error
      }
    }
    throw new RemoraError('AGENT_LOST', `the script in process ${pid} closed its connection; it may still be running`, {
      pid,
    })
  }

  #toDocument(
    report: Partial<ScriptReport> | { outcome: 'withdrawn' | 'exited'; runMs?: number },
    pendingMs: number,
  ): ExecDocument {
    const { outcome = 'exited', runMs = 0, droppedBytes = 0, error } = report as Partial<ScriptReport>
    return {
      schema: 'remora.exec/1',
      target: this.#requests.process.info,
      outcome,
      stdout: this.#stdout.toText(),
      stderr: this.#stderr.toText(),
      droppedBytes: droppedBytes + this.#stdout.droppedBytes + this.#stderr.droppedBytes,
      ...(error === undefined ? {} : { error }),
      thread: this.#thread.info,
      timing: { pendingMs: round(pendingMs), runMs: round(runMs) },
      ...this.#nudging,
      ...(this.#waiting === undefined ? {} : { pending: this.#waiting }),
    }
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
