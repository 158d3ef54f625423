// One process: rounds over all its interpreters, and the choice of what a sample counts for. What is common to all
// processes of a profile (frames, stacks, threads, runs) is handed in.

import { findAsyncioOffsets } from '../../cpython/asyncio/find-asyncio-offsets.js'
import { unlessTorn } from '../../cpython/retry-torn.js'
import type { RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { type InterpreterState, readInterpreters } from '../../cpython/runtime/interpreter.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import type { ProcessIdentity } from '../../process/identity.js'
import { readMaps } from '../../process/maps.js'
import { CpuState } from '../../process/threads/cpu-state.js'
import { findMainThreadId, readThreadComm, threadIdMapper } from '../../process/threads/threads.js'
import { type ProfileThread, SampleFlag } from '../profile.js'
import type { FrameList } from '../tables/frame-list.js'
import type { RunCollector } from '../tables/run-collector.js'
import type { StackTree } from '../tables/stack-tree.js'
import type { ThreadTable } from '../tables/thread-table.js'
import { layOutThread, type ThreadLayout } from './copies/thread-layout.js'
import { InterpreterSampler, type NamedThread, type SampleSink } from './interpreter-sampler.js'
import { type OpenTarget, openTarget } from './open-target.js'
import { FrameTable, type Granularity } from './stack/frame-table.js'
import { ExceptionState } from './thread/exception-state.js'
import { TaskSampler } from './thread/task-sampler.js'

export interface SamplingOptions {
  readonly mode: 'wall' | 'cpu' | 'gil' | 'exceptions'
  /** Keep samples of threads that the mode would leave out. */
  readonly idle: boolean
  /** Only this thread: `main`, a native thread id, an ident, or a name. */
  readonly thread?: string
  readonly granularity: Granularity
  /** Tell asyncio tasks apart, waiting ones too. */
  readonly tasks: boolean
}

/** Each system call brings two looks, and `roundAgain` follows each `round`: for who goes as fast as it can. */
export interface LookOptions {
  readonly looksTwice: boolean
}

/** What all processes of a profile share. */
export interface ProfileTables {
  readonly frames: FrameList
  readonly stacks: StackTree
  readonly threads: ThreadTable
  readonly runs: RunCollector
  /** Tells the microseconds since the profile began. */
  readonly clock: () => number
}

/** Subinterpreters come and go more seldom than threads. */
const LIST_INTERPRETERS_EVERY_US = 250_000
/** How long a process is taken for the same one without asking. */
const PROVE_IDENTITY_EVERY_US = 1000
/** A server may start a task for each request; further ones count together. */
const MAX_TASKS = 2000
const MORE_TASKS = '(more tasks)'
const GC_FRAME = { function: '<GC>', qualifiedName: '<GC>', file: '~', firstLine: 0, line: 0, endLine: 0, column: -1 }

export class ProcessSampler implements SampleSink {
  readonly target: OpenTarget
  readonly #options: SamplingOptions & LookOptions
  readonly #tables: ProfileTables
  #layout: ThreadLayout
  #tasks: TaskSampler | undefined
  readonly #taskIndexes = new Map<string, number>()
  readonly #frames: FrameTable
  readonly #cpu: CpuState
  readonly #exceptions: ExceptionState
  readonly #gcFrame: number
  readonly #interpreters = new Map<number, InterpreterSampler>()
  #toTid: (nativeId: number) => number
  /** Of main threads, by what their states say. */
  readonly #mainIds = new Map<number, number>()
  #listedUs = Number.NEGATIVE_INFINITY
  #provedUs = 0
  #nowUs = 0
  /** Stacks that were kept, and those that could not be proved. */
  samples = 0
  failed = 0

  /** @throws RemoraError as `openTarget`. */
  constructor(
    process: ProcessIdentity,
    options: SamplingOptions & LookOptions,
    tables: ProfileTables,
    locations: RuntimeLocations,
  ) {
    this.target = openTarget(process, locations)
    const { runtime, status } = this.target
    this.#options = options
    this.#tables = tables
    this.#layout = layOutThread(runtime)
    this.#frames = new FrameTable(runtime, tables.frames, options.granularity)
    this.#cpu = new CpuState(process.pid)
    this.#exceptions = new ExceptionState(runtime, this.#layout)
    this.#gcFrame = tables.frames.add({ ...GC_FRAME, endColumn: -1 })
    this.#toTid = threadIdMapper(status)
  }

  get pid(): number {
    return this.target.status.pid
  }

  /** How many threads were looked at last. */
  get threadCount(): number {
    let count = 0
    for (const { threads } of this.#interpreters.values()) count += threads.length
    return count
  }

  /**
   * Samples all threads once.
   * @throws RemoraError `TARGET_EXITED`
   */
  round(nowUs: number): void {
    this.#nowUs = nowUs
    if (nowUs - this.#listedUs >= LIST_INTERPRETERS_EVERY_US) this.#listInterpreters(nowUs)
    if (nowUs - this.#provedUs >= PROVE_IDENTITY_EVERY_US) this.#proveIdentity(nowUs)
    for (const interpreter of this.#interpreters.values()) {
      interpreter.round(this)
      if (this.#tasks !== undefined && this.#isWanted(0)) this.#takeWaiting(this.#tasks, interpreter)
    }
  }

  /** Samples all threads once more, and says when that was. Tasks are not looked at. */
  roundAgain(): number {
    let us = this.#nowUs
    for (const interpreter of this.#interpreters.values()) us = interpreter.roundAgain(this)
    return us
  }

  at(us: number): void {
    this.#nowUs = us
  }

  take(thread: NamedThread, bare: number, collectedFrom: Address | undefined): void {
    const { sampler } = thread
    const holdsGil = sampler.word(this.#layout.holdsGil) !== 0
    const from = holdsGil && bare !== 0 ? collectedFrom : undefined
    const collected = from === undefined ? undefined : sampler.countCollected(bare, from)
    let flags = holdsGil ? SampleFlag.holdsGil : 0
    // One that began in a frame that this thread does not have is another thread's, which has let go of the GIL meanwhile.
    if (from === 0 || collected !== undefined) flags |= SampleFlag.collectingGarbage
    if (bare !== 0 && this.#exceptions.hasException(sampler)) flags |= SampleFlag.handlingException
    if (this.#options.mode === 'cpu' && this.#cpu.isOnCpu(this.#toTid(this.#nativeIdOf(thread)))) {
      flags |= SampleFlag.onCpu
    }
    if (bare === 0 || !this.#isWanted(flags)) {
      this.#pause(thread)
      return
    }
    const task = this.#tasks?.findRunning(sampler)
    const whose = task === undefined ? this.#indexOf(thread) : this.#indexOfTask(thread, task.name)
    const stack = task?.stack ?? bare
    this.#keep(
      whose,
      collected === undefined ? stack : this.#tables.stacks.insert(stack, collected, this.#gcFrame),
      flags,
    )
    // The thread itself did nothing while it ran a task.
    if (task !== undefined) this.#pause(thread)
  }

  #keep(whose: number, stack: number, flags: number): void {
    this.samples++
    this.#tables.runs.add(whose, stack, flags, this.#nowUs)
  }

  #takeWaiting(tasks: TaskSampler, interpreter: InterpreterSampler): void {
    for (const thread of interpreter.threads) {
      for (const { name, stack } of tasks.readWaiting(thread.sampler, interpreter.state)) {
        if (stack !== 0) this.#keep(this.#indexOfTask(thread, name), stack, 0)
      }
    }
    this.failed += tasks.failed
    tasks.failed = 0
  }

  miss(thread: NamedThread): void {
    this.failed++
    this.#pause(thread)
  }

  close(): void {
    this.target.reader.close()
    this.target.runtime.memory.close()
    this.#cpu.close()
  }

  #isWanted(flags: number): boolean {
    const { mode, idle } = this.#options
    return idle || (flags & wantedFlags[mode]) === wantedFlags[mode]
  }

  #pause(thread: NamedThread): void {
    if (thread.mark >= 0) this.#tables.runs.pause(thread.mark, this.#nowUs)
  }

  #indexOf(thread: NamedThread): number {
    const { threads } = this.#tables
    if (thread.mark < 0) {
      const { id } = thread.sampler.thread
      const nativeId = this.#nativeIdOf(thread)
      const name = thread.name ?? readThreadComm(this.pid, this.#toTid(nativeId)) ?? '?'
      thread.mark = threads.add({ pid: this.pid, id: Number(id), nativeId, name, main: thread.main })
    } else if (thread.name !== undefined) {
      threads.rename(thread.mark, thread.name)
    }
    return thread.mark
  }

  /** The thread's id as the target sees it, where its state has that of the process it was forked from, too. */
  #nativeIdOf(thread: NamedThread): number {
    const { nativeId } = thread.sampler.thread
    if (!thread.main) return nativeId
    let own = this.#mainIds.get(nativeId)
    if (own === undefined) {
      const others = [...this.#interpreters.values()].flatMap(({ threads }) =>
        threads.filter((other) => other !== thread),
      )
      const ids = others.map(({ sampler }) => sampler.thread.nativeId)
      own = findMainThreadId(this.target.status, nativeId, ids)
      this.#mainIds.set(nativeId, own)
    }
    return own
  }

  /** Tasks of one name on one thread are one. */
  #indexOfTask(thread: NamedThread, name: string): number {
    const { threads } = this.#tables
    const owner = threads.threads[this.#indexOf(thread)] as ProfileThread
    const task = this.#taskIndexes.size < MAX_TASKS ? name : MORE_TASKS
    const key = `${owner.nativeId} ${task}`
    const index = this.#taskIndexes.get(key) ?? threads.add({ ...owner, task })
    this.#taskIndexes.set(key, index)
    return index
  }

  #proveIdentity(nowUs: number): void {
    const { reader, runtime } = this.target
    if (!reader.isAlive(runtime.address)) {
      throw new RemoraError('TARGET_EXITED', `process ${this.pid} has ended or has replaced itself`, { pid: this.pid })
    }
    this.#provedUs = nowUs
  }

  #listInterpreters(nowUs: number): void {
    const states = unlessTorn(() => readInterpreters(this.target.runtime), undefined)
    if (states === undefined) return
    this.#listedUs = nowUs
    if (this.#options.tasks && this.#tasks === undefined) this.#findTasks()
    if (this.target.status.ownPidNamespace) this.#toTid = threadIdMapper(this.target.status)
    const there = new Set(states.map(({ address }) => address))
    for (const address of this.#interpreters.keys()) if (!there.has(address)) this.#interpreters.delete(address)
    for (const state of states) {
      if (!this.#interpreters.has(state.address)) this.#interpreters.set(state.address, this.#newInterpreter(state))
    }
  }

  /** asyncio may be imported at any time; from then on more of the thread states is copied. */
  #findTasks(): void {
    const { runtime } = this.target
    const asyncio = findAsyncioOffsets(this.pid, runtime, readMaps(this.pid))
    if (asyncio === undefined) return
    const layout = layOutThread(runtime, asyncio)
    this.#layout = layout
    this.#tasks = new TaskSampler(runtime, asyncio, { layout, frames: this.#frames, stacks: this.#tables.stacks })
    this.#interpreters.clear()
  }

  #newInterpreter(state: InterpreterState): InterpreterSampler {
    const { runtime, reader } = this.target
    const { thread, looksTwice } = this.#options
    const { stacks, clock } = this.#tables
    const shared = { runtime, reader, layout: this.#layout, frames: this.#frames, stacks, clock, looksTwice }
    if (thread === undefined) return new InterpreterSampler({ ...shared, state })
    const wants: InterpreterWants = ({ sampler, name, main }) => {
      const { nativeId, id } = sampler.thread
      return thread === 'main' ? main && state.id === 0 : [nativeId, id, name].map(String).includes(thread)
    }
    return new InterpreterSampler({ ...shared, state, wants })
  }
}

type InterpreterWants = (thread: Pick<NamedThread, 'sampler' | 'name' | 'main'>) => boolean

const wantedFlags = {
  wall: 0,
  cpu: SampleFlag.onCpu,
  gil: SampleFlag.holdsGil,
  exceptions: SampleFlag.handlingException,
} as const
