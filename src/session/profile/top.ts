// `remora top`: a process that is watched live. The sampler runs in its worker and marks each sample with all that the
// modes ask for; what is shown of the last seconds is worked out when somebody looks, so that a screen can change its
// mode or its thread, or stand still, while sampling goes on.

import type { NamedProcess } from '../../process/identity.js'
import { readStatus } from '../../process/status.js'
import { LiveProfile } from '../../profile/live/live-profile.js'
import type { LiveWindow } from '../../profile/live/live-window.js'
import type { SamplerEnd } from '../../profile/sampler/sampler.js'
import { type PreparedSampler, prepareSampler } from '../../profile/sampler/start-sampler.js'
import type { SampleBatch } from '../../profile/tables/sample-batch.js'
import type { TopDocument } from '../documents/index.js'
import { SourceLines } from '../read/source-lines.js'
import type { OpenProcess } from '../target/open-process.js'
import { openProfiled } from './open-profiled.js'
import { TaskWatch } from './top/task-watch.js'
import { type TopView, toTopDocument } from './top/top-document.js'

export type { TopView } from './top/top-document.js'

export interface TopOptions {
  /** Rounds a second, 200 by default; 0 is as fast as it goes. */
  readonly rateHz?: number
  /** How often there is something new, a second by default. */
  readonly intervalMs?: number
  /** What the shares are of: the last ten seconds by default, and at least what `intervalMs` is. */
  readonly windowMs?: number
  /** Without it, it goes on until the target ends or `signal` is aborted. */
  readonly durationMs?: number
  /** Which samples count, `'wall'` by default. */
  readonly mode?: TopView['mode']
  /** Only this thread: `'main'`, a native thread id, an ident, or a name. */
  readonly thread?: string
  /** Also the Python processes that it starts. */
  readonly children?: boolean
  /** Tell asyncio tasks apart; those that wait count, too. */
  readonly tasks?: boolean
  readonly signal?: AbortSignal
}

const DEFAULT_RATE_HZ = 200
const DEFAULT_INTERVAL_MS = 1000
const DEFAULT_WINDOW_MS = 10_000

/**
 * Documents about a process, one each interval, until its time is over, the target ends, or it is told to stop. Who
 * does not ask for the next one in time gets the newest.
 * @throws RemoraError as `attach`, `THREAD_NOT_FOUND`.
 */
export async function* top(
  which: number | NamedProcess,
  options: TopOptions = {},
): AsyncGenerator<TopDocument, void, undefined> {
  const watch = await TopWatch.start(which, options)
  try {
    do {
      await watch.next()
      yield watch.look({ mode: options.mode ?? 'wall' })
    } while (watch.ended === undefined)
  } finally {
    await watch.close()
  }
}

/** A process that is being watched. `close` it. */
export class TopWatch {
  readonly #opened: OpenProcess
  readonly #sampler: PreparedSampler
  readonly #options: TopOptions
  readonly #profile: LiveProfile
  readonly #tasks: TaskWatch
  readonly #sources: SourceLines
  readonly #cpu = process.cpuUsage()
  #durationMs = 0
  #ended: SamplerEnd | undefined
  #failure: unknown
  #hasNews = false
  #wake: (() => void) | undefined
  /** What was there when it was told to stand still. */
  #kept: { readonly window: LiveWindow; readonly takenAt: Date } | undefined

  /** @throws RemoraError as `attach`, `THREAD_NOT_FOUND`. */
  static async start(which: number | NamedProcess, options: TopOptions): Promise<TopWatch> {
    const opened = openProfiled(which, options.thread)
    try {
      return new TopWatch(opened, await prepareSampler(), options)
    } catch (error) {
      opened.memory.close()
      throw error
    }
  }

  private constructor(opened: OpenProcess, sampler: PreparedSampler, options: TopOptions) {
    this.#opened = opened
    this.#sampler = sampler
    this.#options = options
    this.#profile = new LiveProfile(options.windowMs ?? DEFAULT_WINDOW_MS)
    this.#tasks = new TaskWatch(opened)
    this.#sources = new SourceLines(opened.status.pid)
    options.signal?.addEventListener('abort', sampler.stop)
    if (options.signal?.aborted === true) sampler.stop()
    void this.#run()
  }

  /** Why it is over, once it is. */
  get ended(): SamplerEnd | undefined {
    return this.#ended
  }

  /**
   * Resolves when there is something new, at once if that was before the call.
   * @throws RemoraError what the sampler failed with.
   */
  async next(): Promise<void> {
    if (!this.#hasNews) await new Promise<void>((resolve) => (this.#wake = resolve))
    // What is over has nothing new any more, and nobody waits for it.
    this.#hasNews = this.#ended !== undefined
    if (this.#failure !== undefined) throw this.#failure
  }

  look(view: TopView): TopDocument {
    const { status, info } = this.#opened
    const { window, takenAt } = this.#kept ?? { window: this.#profile.window, takenAt: new Date() }
    const { user, system } = process.cpuUsage(this.#cpu)
    return toTopDocument(window, view, {
      target: info,
      takenAt,
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      stopped: this.#ended === undefined && isStopped(status.pid),
      durationMs: this.#durationMs,
      cpuMs: (user + system) / 1000,
      tasks: this.#tasks.tasks,
    })
  }

  /** From now on every look shows this moment, until `resume`; sampling goes on. */
  pause(): void {
    this.#kept ??= { window: this.#profile.window, takenAt: new Date() }
  }

  resume(): void {
    this.#kept = undefined
  }

  /** A line of the target's source, as it is now. */
  findLine(file: string, line: number): string | undefined {
    return this.#sources.find(file, line)
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#sampler.stop)
    await this.#sampler.close()
    this.#opened.memory.close()
  }

  async #run(): Promise<void> {
    const { rateHz, durationMs, intervalMs, thread, children, tasks } = this.#options
    try {
      this.#ended = await this.#sampler.run(
        {
          process: this.#opened.identity,
          rateHz: rateHz ?? DEFAULT_RATE_HZ,
          durationMs: durationMs ?? Number.POSITIVE_INFINITY,
          // All samples, with the flags of all modes.
          mode: 'cpu',
          idle: true,
          granularity: 'line',
          children: children ?? false,
          tasks: tasks ?? false,
          batchMs: intervalMs ?? DEFAULT_INTERVAL_MS,
          ...(thread === undefined ? {} : { thread }),
        },
        (batch) => this.#take(batch),
      )
    } catch (error) {
      this.#failure = error
    }
    this.#tell()
  }

  #take(batch: SampleBatch): void {
    this.#profile.add(batch)
    this.#durationMs = batch.durationMs
    if (this.#kept === undefined) this.#tasks.refresh()
    this.#tell()
  }

  #tell(): void {
    this.#hasNews = true
    this.#wake?.()
  }
}

function isStopped(pid: number): boolean {
  try {
    return ['T', 't'].includes(readStatus(pid).state)
  } catch {
    return false
  }
}
