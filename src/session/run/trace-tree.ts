// Traces a process and the Python processes below it as one: those that are there, and those that start later. Each has an
// agent of its own. A process that refuses says why, and the others go on.

import { RemoraError } from '../../errors/remora-error.js'
import { nowMs } from '../../process/clock.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import type { TraceDocument } from '../documents/index.js'
import { findDescendants, isPython } from '../target/find-children.js'
import { DEFAULT_TRACE_MS, type TraceOptions, trace } from './trace.js'
import { WritableTarget } from './writable-target.js'

/** How often new processes are looked for, and when the first time again. */
const LOOK_EVERY_MS = 250
const SECOND_LOOK_MS = 20
/** How often a child that lacks what a probe means is asked again: one that has just started has not loaded it yet. */
const MAX_TRIES = 8

/**
 * Events of all processes as they come, each with its `pid`. It ends when the time or the number of events, of all
 * processes together, is up, or when no process is left.
 * @throws RemoraError as `trace`, of the first process, when none of them could be traced.
 */
export async function* traceTree(
  root: NamedProcess,
  probes: readonly string[],
  options: TraceOptions = {},
): AsyncGenerator<TraceDocument> {
  const tree = new TracedTree(root, probes, options)
  try {
    yield* tree.events()
  } finally {
    await tree.leave()
  }
}

/** One process, whose agent is asked for, at work, or gone. */
interface Member {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

class TracedTree {
  readonly #root: NamedProcess
  readonly #probes: readonly string[]
  readonly #options: TraceOptions
  readonly #deadline: number
  readonly #events: TraceDocument[] = []
  readonly #known = new Set<string>()
  /** Those that the last look has seen for the first time. */
  #newcomers = new Set<string>()
  /** How often each process has been asked. */
  readonly #tries = new Map<string, number>()
  /** By PID, those that have not ended; `pending` are those of them that no agent has reached yet. */
  readonly #members = new Map<number, Member>()
  readonly #pending = new Set<number>()
  #reported = 0
  #attached = false
  #refusal: RemoraError | undefined
  /** A fault of ours, which ends all. */
  #failure: unknown
  #leaving = false
  #wake: () => void = () => {}

  constructor(root: NamedProcess, probes: readonly string[], options: TraceOptions) {
    this.#root = root
    this.#probes = probes
    this.#options = options
    this.#deadline = nowMs() + (options.forMs ?? DEFAULT_TRACE_MS)
  }

  async *events(): AsyncGenerator<TraceDocument> {
    const leave = (): void => this.#stopAll()
    this.#options.signal?.addEventListener('abort', leave)
    if (this.#options.signal?.aborted) leave()
    this.#join(this.#root)
    const looking = setInterval(() => this.#look(), LOOK_EVERY_MS)
    const secondLook = setTimeout(() => this.#look(), SECOND_LOOK_MS)
    try {
      this.#look()
      for (;;) {
        for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event
        if (this.#members.size === 0) break
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      clearInterval(looking)
      clearTimeout(secondLook)
      this.#options.signal?.removeEventListener('abort', leave)
    }
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#attached && this.#refusal !== undefined) throw this.#refusal
  }

  /** Resolves when every agent has left. */
  async leave(): Promise<void> {
    this.#stopAll()
    await Promise.all([...this.#members.values()].map(({ ended }) => ended))
  }

  #stopAll(): void {
    this.#leaving = true
    for (const { stop } of this.#members.values()) stop.abort()
  }

  #look(): void {
    if (nowMs() >= this.#deadline || this.#isWaitingInVain()) {
      // The agents that have arrived go by their own clocks.
      for (const pid of this.#pending) this.#members.get(pid)?.stop.abort()
    } else if (!this.#leaving) {
      this.#joinChildren()
    }
  }

  /**
   * A process is asked when a second look sees it, too: one that has been made by vfork is in the memory of its parent
   * until it has become a program of its own.
   */
  #joinChildren(): void {
    const children = findDescendants(this.#root.pid).filter((child) => !this.#known.has(keyOf(child)))
    for (const child of children) {
      if (this.#newcomers.has(keyOf(child)) && isPython(child)) this.#join(child)
    }
    this.#newcomers = new Set(children.map(keyOf))
  }

  /** Whether the tree has lost its root, and no agent has reached what is left. */
  #isWaitingInVain(): boolean {
    return !this.#members.has(this.#root.pid) && this.#members.size === this.#pending.size
  }

  #join(process: NamedProcess): void {
    this.#known.add(keyOf(process))
    const stop = new AbortController()
    this.#pending.add(process.pid)
    this.#members.set(process.pid, { stop, ended: this.#follow(process, stop.signal) })
  }

  async #follow(process: NamedProcess, signal: AbortSignal): Promise<void> {
    const target = new WritableTarget(process)
    const forMs = Math.max(Math.round(this.#deadline - nowMs()), 0)
    try {
      for await (const event of trace(target, this.#probes, { ...this.#options, forMs, signal })) {
        if (!this.#hasBecomeAnother(process, event)) this.#take(event)
      }
    } catch (error) {
      if (error instanceof RemoraError) this.#refuse(process, error)
      else this.#fail(error)
    } finally {
      target.dispose()
      this.#members.delete(process.pid)
      this.#pending.delete(process.pid)
      this.#wake()
    }
  }

  /** A child that was asked before it has become another program: it is asked anew. */
  #hasBecomeAnother(process: NamedProcess, { reason }: TraceDocument): boolean {
    const isThere = pinProcess(process.pid).startTicks === process.startTicks
    if (reason !== 'exited' || !isThere || !this.#pending.has(process.pid)) return false
    this.#known.delete(keyOf(process))
    return true
  }

  #take(event: TraceDocument): void {
    if (event.event === 'attached') {
      this.#attached = true
      this.#pending.delete(event.pid)
    }
    const { count } = this.#options
    if (event.event === 'hit' || event.event === 'return') {
      if (this.#reported === count) return
      this.#reported++
    }
    const isEnough = this.#reported === count
    this.#events.push(isEnough && event.reason === 'stopped' ? { ...event, reason: 'hits' } : event)
    if (isEnough) this.#stopAll()
    this.#wake()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#stopAll()
  }

  #refuse(process: NamedProcess, error: RemoraError): void {
    const { pid } = process
    const tries = (this.#tries.get(keyOf(process)) ?? 0) + 1
    this.#tries.set(keyOf(process), tries)
    if (error.code === 'PROBE_NOT_FOUND' && pid !== this.#root.pid && tries < MAX_TRIES && !this.#leaving) {
      this.#known.delete(keyOf(process))
      return
    }
    if (pid === this.#root.pid) this.#refusal = error
    this.#refusal ??= error
    const at = new Date().toISOString()
    this.#events.push({
      schema: 'remora.trace/1',
      pid,
      event: 'detached',
      at,
      reason: 'refused',
      message: error.message,
    })
  }
}

function keyOf({ pid, startTicks }: NamedProcess): string {
  return `${pid}:${startTicks}`
}
