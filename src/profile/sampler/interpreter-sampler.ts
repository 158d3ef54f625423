// One look at all threads of an interpreter: everything is copied by one system call, each thread's copy is examined,
// and those that moved are copied again, alone. New and ended threads show in the same copy, as do freed code objects
// and a garbage collection. A thread moves only while it has the GIL: as long as that stays with one thread, only this
// one is copied, and the others rest where they were proved.

import { unlessTorn } from '../../cpython/retry-torn.js'
import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import { type InterpreterState, isStaticState, readThreadsAnew } from '../../cpython/runtime/interpreter.js'
import { readThreadNames } from '../../cpython/runtime/sys-module.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { PieceList, type ScatterReader } from '../../memory/scatter.js'
import type { StackTree } from '../tables/stack-tree.js'
import type { ThreadLayout } from './copies/thread-layout.js'
import { InterpreterWindow } from './interpreter-window.js'
import type { FrameTable } from './stack/frame-table.js'
import { GONE, MOVED, UNKNOWN } from './stack/no-stack.js'
import { ThreadSampler } from './thread/thread-sampler.js'

/** How often a thread that moves is copied again for one sample. */
const ATTEMPTS = 20
/** For how many of them one counts in which a call was not known: who waits for a moment that suits skews the shares. */
const COST_OF_UNKNOWN = 20
/** Threads that rest are looked at once in so many rounds: when an interpreter ends, others can clear their states. */
const ROUNDS_AT_REST = 64

export interface NamedThread {
  readonly sampler: ThreadSampler
  readonly name: string | undefined
  readonly main: boolean
  /** Free for whoever takes the samples. */
  mark: number
}

/** Who gets the samples of a round. */
export interface SampleSink {
  /** What comes now was seen at this moment, which is later than that of the round. */
  at(us: number): void
  /** A proved stack. While garbage is collected, `collectedFrom` is the frame in which that began, or 0 where it is not known. */
  take(thread: NamedThread, stack: number, collectedFrom: Address | undefined): void
  /** A stack that moved each time it was copied. */
  miss(thread: NamedThread): void
}

interface Delivery {
  readonly sink: SampleSink
  readonly collectedFrom: Address | undefined
}

export interface InterpreterOptions {
  readonly runtime: Runtime
  readonly reader: ScatterReader
  readonly layout: ThreadLayout
  readonly frames: FrameTable
  readonly stacks: StackTree
  readonly state: InterpreterState
  /** Which threads are wanted; all without it. */
  readonly wants?: (thread: Pick<NamedThread, 'sampler' | 'name' | 'main'>) => boolean
  /** Tells the time in microseconds. */
  readonly clock: () => number
  /** Each system call copies everything twice, and `roundAgain` follows each `round`. */
  readonly looksTwice: boolean
}

export class InterpreterSampler {
  readonly #options: InterpreterOptions
  readonly #window: InterpreterWindow
  readonly #pieces: PieceList
  readonly #alone: PieceList
  #threads: NamedThread[] = []
  #known = new Map<number, NamedThread>()
  #head = 0
  #version = -1
  /** Rounds for which all threads but one may still rest. */
  #restFor = 0
  /** The one that may move while the others rest. */
  #holder: Address = 0
  /** Whether the GIL has gone to another thread since the round before. */
  #switched = true
  #listVoid = true
  /** When the second look was over that nobody has asked for yet; 0 if there is none. */
  #secondLookUs = 0
  /** A thread has no name before it has begun: names are asked for again after 16 rounds, 64, and so on. */
  #roundsToNames = 0
  #nameless = 0

  constructor(options: InterpreterOptions) {
    this.#options = options
    this.#window = new InterpreterWindow(options.runtime, options.reader, options.state)
    this.#pieces = new PieceList(options.reader)
    this.#alone = new PieceList(options.reader)
  }

  get state(): InterpreterState {
    return this.#options.state
  }

  get threads(): readonly NamedThread[] {
    return this.#threads
  }

  /**
   * Samples every thread once.
   * @throws RemoraError `TARGET_EXITED`
   */
  round(sink: SampleSink): void {
    if (this.#listVoid || --this.#roundsToNames === 0) this.#listThreads()
    const complete = this.#look()
    const resting = this.#restFor > 0
    const othersRest = this.#takeAll(sink, complete ? this.#examineFirst : alwaysMoved)
    if (complete && !resting && othersRest && !this.#switched && this.#threads.length > 1) this.#settle()
  }

  /** Samples every thread once more: as the same system call has copied it, or anew. Returns when that was. */
  roundAgain(sink: SampleSink): number {
    const resting = this.#restFor > 0
    if (this.#secondLookUs > 0) {
      this.#window.useSecondPiece()
      this.#checkInterpreter()
    }
    const isVoid = this.#secondLookUs === 0 || (resting && this.#restFor === 0)
    const us = isVoid ? this.#options.clock() : this.#secondLookUs
    this.#secondLookUs = 0
    sink.at(us)
    if (isVoid) this.round(sink)
    else this.#takeAll(sink, this.#examineSecond)
    return us
  }

  /** Takes a sample of each thread. Returns whether all but the one that has the GIL lie as they were proved. */
  #takeAll(sink: SampleSink, examine: (sampler: ThreadSampler) => number): boolean {
    const resting = this.#restFor > 0
    let othersRest = true
    for (const thread of this.#threads) {
      const { sampler } = thread
      const rests = resting && sampler.thread.address !== this.#holder
      const stack = rests ? sampler.stack : examine(sampler)
      if (stack === MOVED || stack === UNKNOWN || this.#mayCollect(sampler)) this.#sampleAlone(thread, sink)
      else this.#deliver(thread, stack, { sink, collectedFrom: undefined })
      if (stack !== sampler.stack && sampler.thread.address !== this.#window.gilHolder) othersRest = false
    }
    return othersRest
  }

  /** Copies all threads that may have moved. False when something was not there any more. */
  #look(): boolean {
    if (this.#restFor > 0 && --this.#restFor === 0) this.#version = -1
    if (this.#arrangement() !== this.#version) this.#arrange()
    const rested = this.#restFor > 0
    const complete = this.#options.reader.read(this.#pieces)
    this.#secondLookUs = complete && this.#options.looksTwice ? this.#options.clock() : 0
    this.#switched = false
    if (complete) this.#checkInterpreter()
    else {
      this.#refuseExited()
      this.#wake()
    }
    // Threads that were not copied may have moved.
    return rested && this.#restFor === 0 ? this.#look() : complete
  }

  #mayMove({ thread }: ThreadSampler): boolean {
    return this.#restFor === 0 || thread.address === this.#holder
  }

  /** The GIL has stayed with one thread since before all of them were copied. */
  #settle(): void {
    this.#restFor = ROUNDS_AT_REST
    this.#holder = this.#window.gilHolder
    this.#version = -1
  }

  #wake(): void {
    if (this.#restFor > 0) this.#version = -1
    this.#restFor = 0
  }

  /** A collection was seen behind the stack, and may have begun since that was copied. */
  #mayCollect(sampler: ThreadSampler): boolean {
    return this.#window.isCollecting && sampler.word(this.#options.layout.holdsGil) !== 0
  }

  #deliver(thread: NamedThread, stack: number, { sink, collectedFrom }: Delivery): void {
    if (stack === GONE) {
      this.#listVoid = true
      return
    }
    const { knowsCollectedFrom, wasCollecting, isCollecting } = this.#window
    if (!knowsCollectedFrom && !wasCollecting && !isCollecting) thread.sampler.noteFree()
    sink.take(thread, stack, collectedFrom)
  }

  #sampleAlone(thread: NamedThread, sink: SampleSink): void {
    const { reader } = this.#options
    let wasUnreadable = false
    for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
      this.#alone.clear()
      this.#window.addFirstPiece(this.#alone)
      thread.sampler.addPieces(this.#alone, 2)
      this.#window.addPiece(this.#alone)
      if (!reader.read(this.#alone)) {
        this.#refuseExited()
        thread.sampler.replan(wasUnreadable)
        wasUnreadable = true
        continue
      }
      wasUnreadable = false
      this.#checkInterpreter()
      const stack = this.#examineFirst(thread.sampler)
      if (stack === UNKNOWN) attempts += COST_OF_UNKNOWN - 1
      if (stack === MOVED || stack === UNKNOWN) continue
      const collecting = this.#window.wasCollecting && this.#window.isCollecting
      this.#deliver(thread, stack, { sink, collectedFrom: collecting ? this.#window.collectedFrom : undefined })
      return
    }
    this.#listVoid = true
    sink.miss(thread)
  }

  readonly #examineFirst = (sampler: ThreadSampler): number => {
    const { decoded } = this.#options.frames
    return this.#unlessFreed(sampler.examine(), decoded)
  }

  readonly #examineSecond = (sampler: ThreadSampler): number => {
    const { decoded } = this.#options.frames
    return this.#unlessFreed(sampler.examineAgain(), decoded)
  }

  /** The stack, unless code objects were decoded for it since there were `decoded`, and may have been freed. */
  #unlessFreed(stack: number, decoded: number): number {
    if (this.#options.frames.decoded === decoded || this.#window.isGenerationNow()) return stack
    this.#forgetCode()
    return MOVED
  }

  /** What the interpreter's own piece of the copy says. */
  #checkInterpreter(): void {
    if (this.#window.takeGeneration()) this.#forgetCode()
    if (this.#window.threadsHead !== this.#head) this.#listVoid = true
    if (!this.#window.takeSwitch()) return
    this.#switched = true
    this.#wake()
  }

  #forgetCode(): void {
    this.#wake()
    this.#options.frames.forget()
    for (const { sampler } of this.#threads) sampler.forget()
  }

  #refuseExited(): void {
    const { reader, runtime } = this.#options
    if (reader.isAlive(runtime.address)) return
    throw new RemoraError('TARGET_EXITED', `process ${reader.pid} has ended or has replaced itself with exec`, {
      pid: reader.pid,
    })
  }

  /** A sum of counts that only grow: another one when a single plan is void. */
  #arrangement(): number {
    let version = 0
    for (const { sampler } of this.#threads) if (this.#mayMove(sampler)) version += sampler.version
    return version
  }

  #arrange(): void {
    this.#pieces.clear()
    if (!this.#window.knowsCollectedFrom) this.#window.addFirstPiece(this.#pieces)
    for (const { sampler } of this.#threads) {
      if (this.#mayMove(sampler)) sampler.addPieces(this.#pieces, sampler.wantsTwoCopies ? 2 : 1)
    }
    this.#version = this.#arrangement()
    this.#window.addPiece(this.#pieces)
    if (!this.#options.looksTwice) return
    for (const { sampler } of this.#threads) if (this.#mayMove(sampler)) sampler.addSecondLook(this.#pieces)
    this.#window.addSecondPiece(this.#pieces)
  }

  #listThreads(): void {
    const { runtime, state, wants } = this.#options
    const states = unlessTorn(() => readThreadsAnew(runtime, state), undefined)
    if (states === undefined) return
    this.#listVoid = false
    this.#head = states[0]?.address ?? 0
    const known = this.#known
    this.#known = new Map()
    let names: ReadonlyMap<bigint, string> | undefined
    this.#threads = []
    let nameless = false
    for (const thread of states.toReversed()) {
      if (!thread.usable) {
        // It is being set up, or torn down: look again.
        this.#listVoid = true
        continue
      }
      const old = known.get(thread.address)
      const same = old?.sampler.thread.id === thread.id && old.sampler.thread.nativeId === thread.nativeId
      names ??=
        same && old.name !== undefined ? undefined : unlessTorn(() => readThreadNames(runtime, state), new Map())
      const main = state.threadsMain === 0 ? isStaticState(runtime, thread) : thread.address === state.threadsMain
      const name = names?.get(thread.id) ?? (same ? old.name : main ? 'MainThread' : undefined)
      const sampler = same ? old.sampler : this.#newSampler(thread)
      nameless ||= name === undefined
      const named = same && old.name === name ? old : { sampler, name, main, mark: same ? old.mark : -1 }
      this.#known.set(thread.address, named)
      if (wants === undefined || wants(named)) this.#threads.push(named)
    }
    this.#wake()
    this.#version = -1
    this.#nameless = nameless ? Math.min(this.#nameless * 4 || 16, 1 << 20) : 0
    this.#roundsToNames = this.#nameless
  }

  #newSampler({ address, id, nativeId }: ThreadSampler['thread']): ThreadSampler {
    const { runtime, reader, layout, frames, stacks, state } = this.#options
    return new ThreadSampler(
      { address, id, nativeId },
      { runtime, reader, layout, frames, stacks, interpreter: state.address },
    )
  }
}

const alwaysMoved = (): number => MOVED
