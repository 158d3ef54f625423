// What a window of a live profile says: functions and lines by the samples in which they ran themselves and in which they
// were on the stack, and each thread with its shares and its current stack. The cost grows with what is in the window,
// not with how long the profile has been running.

import { type ProfileFrame, type ProfileMode, type ProfileThread, SampleFlag } from '../profile.js'
import type { LiveTables } from './live-tables.js'

/** What happened between two looks at the sampler. */
export interface Slice {
  readonly durationMs: number
  readonly rounds: number
  readonly failed: number
  readonly late: number
  /** Samples by `sampleKey`. */
  readonly counts: ReadonlyMap<number, number>
  /** The stack in which each thread was seen last. */
  readonly last: ReadonlyMap<number, number>
}

/** Which samples count. */
export interface LiveView {
  readonly mode: ProfileMode
  /** Index of a thread; all of them without it. */
  readonly thread?: number
}

export interface LiveSummary {
  readonly durationMs: number
  readonly rounds: number
  readonly failed: number
  readonly late: number
  /** The samples that count. */
  readonly samples: number
  readonly functions: readonly LiveShare[]
  readonly lines: readonly LiveShare[]
  /** Those that are there now, whatever counts. */
  readonly threads: readonly LiveThread[]
  /** Slice by slice. */
  readonly history: readonly LiveMoment[]
}

/** A function or a line, as a frame that is in it, with its samples. */
export interface LiveShare {
  readonly frame: ProfileFrame
  readonly self: number
  readonly total: number
}

export interface LiveThread extends ThreadCounts {
  readonly index: number
  readonly thread: ProfileThread
  /** Innermost first. */
  readonly frames: readonly ProfileFrame[]
  /** Frames further out that `frames` leaves out. */
  readonly moreFrames: number
}

export interface ThreadCounts {
  readonly samples: number
  readonly onCpu: number
  readonly holdingGil: number
  readonly collectingGarbage: number
  readonly handlingException: number
}

/** Rates are rounds a second; shares are threads at once, so that two busy ones make 2. */
export interface LiveMoment {
  readonly rateHz: number
  readonly onCpu: number
  readonly holdingGil: number
}

/** Frames of a thread's current stack; recursion can be thousands deep. */
const MAX_FRAMES = 40

const FLAGS = 16
const STACKS = 2 ** 32

/** One number for all that tells samples apart. */
export function sampleKey(thread: number, flags: number, stack: number): number {
  return (thread * FLAGS + flags) * STACKS + stack
}

export class LiveWindow {
  readonly #tables: LiveTables
  readonly #slices: readonly Slice[]

  constructor(tables: LiveTables, slices: readonly Slice[]) {
    this.#tables = tables
    this.#slices = slices
  }

  /** Those that are there now. */
  get threads(): { readonly index: number; readonly thread: ProfileThread }[] {
    const present = [...(this.#slices.at(-1)?.last.keys() ?? [])]
    return present.map((index) => ({ index, thread: this.#tables.threads[index] as ProfileThread }))
  }

  summarize({ mode, thread }: LiveView): LiveSummary {
    const wanted = wantedFlag[mode]
    const threads = new Map<number, MutableCounts>()
    const stacks = new Map<number, number>()
    let samples = 0
    for (const [key, count] of this.#slices.flatMap(({ counts }) => [...counts])) {
      const [owner, flags, stack] = splitKey(key)
      countFlags(threads, owner, { flags, count })
      if ((flags & wanted) !== wanted || (thread !== undefined && owner !== thread)) continue
      stacks.set(stack, (stacks.get(stack) ?? 0) + count)
      samples += count
    }
    const sum = (field: 'durationMs' | 'rounds' | 'failed' | 'late'): number =>
      this.#slices.reduce((total, slice) => total + slice[field], 0)
    return {
      durationMs: sum('durationMs'),
      rounds: sum('rounds'),
      failed: sum('failed'),
      late: sum('late'),
      samples,
      ...this.#share(stacks),
      threads: this.#listThreads(threads),
      history: this.#slices.map(toMoment),
    }
  }

  #share(stacks: ReadonlyMap<number, number>): Pick<LiveSummary, 'functions' | 'lines'> {
    const { functions, lines, functionOf, lineOf, parents, innermost } = this.#tables
    const ofFunctions = new Shares(functions)
    const ofLines = new Shares(lines)
    for (const [stack, count] of stacks) {
      ofFunctions.begin(count)
      ofLines.begin(count)
      for (let at = stack; at !== 0; at = parents[at] as number) {
        const frame = innermost[at] as number
        ofFunctions.meet(functionOf[frame] as number, at === stack)
        ofLines.meet(lineOf[frame] as number, at === stack)
      }
    }
    return { functions: ofFunctions.list(), lines: ofLines.list() }
  }

  #listThreads(counts: ReadonlyMap<number, ThreadCounts>): LiveThread[] {
    const stacks = this.#slices.at(-1)?.last
    return this.threads
      .map(({ index, thread }) => ({
        index,
        thread,
        ...(counts.get(index) as ThreadCounts),
        ...this.#unfold(stacks?.get(index) ?? 0),
      }))
      .sort((a, b) => b.onCpu - a.onCpu || b.holdingGil - a.holdingGil || a.index - b.index)
  }

  #unfold(stack: number): Pick<LiveThread, 'frames' | 'moreFrames'> {
    const { frames, parents, innermost } = this.#tables
    const shown: ProfileFrame[] = []
    let moreFrames = 0
    for (let at = stack; at !== 0; at = parents[at] as number) {
      if (shown.length < MAX_FRAMES) shown.push(frames[innermost[at] as number] as ProfileFrame)
      else moreFrames++
    }
    return { frames: shown, moreFrames }
  }
}

const wantedFlag: Readonly<Record<ProfileMode, number>> = {
  wall: 0,
  cpu: SampleFlag.onCpu,
  gil: SampleFlag.holdsGil,
  exceptions: SampleFlag.handlingException,
}

type MutableCounts = { -readonly [Field in keyof ThreadCounts]: number }

function splitKey(key: number): [thread: number, flags: number, stack: number] {
  const owner = Math.floor(key / STACKS)
  return [Math.floor(owner / FLAGS), owner % FLAGS, key % STACKS]
}

function countFlags(
  threads: Map<number, MutableCounts>,
  thread: number,
  { flags, count }: { flags: number; count: number },
): void {
  let counts = threads.get(thread)
  if (counts === undefined) {
    counts = { samples: 0, onCpu: 0, holdingGil: 0, collectingGarbage: 0, handlingException: 0 }
    threads.set(thread, counts)
  }
  counts.samples += count
  if (flags & SampleFlag.onCpu) counts.onCpu += count
  if (flags & SampleFlag.holdsGil) counts.holdingGil += count
  if (flags & SampleFlag.collectingGarbage) counts.collectingGarbage += count
  if (flags & SampleFlag.handlingException) counts.handlingException += count
}

function toMoment({ durationMs, rounds, counts }: Slice): LiveMoment {
  let onCpu = 0
  let holdingGil = 0
  for (const [key, count] of counts) {
    const [, flags] = splitKey(key)
    if (flags & SampleFlag.onCpu) onCpu += count
    if (flags & SampleFlag.holdsGil) holdingGil += count
  }
  return { rateHz: (rounds * 1000) / durationMs, onCpu: onCpu / rounds, holdingGil: holdingGil / rounds }
}

/** Sums stack by stack; what is on one stack several times counts once. */
class Shares {
  readonly #examples: readonly ProfileFrame[]
  readonly #self: Float64Array
  readonly #total: Float64Array
  /** The stack in which each was met last. */
  readonly #metIn: Uint32Array
  #stack = 0
  #count = 0

  constructor(examples: readonly ProfileFrame[]) {
    this.#examples = examples
    this.#self = new Float64Array(examples.length)
    this.#total = new Float64Array(examples.length)
    this.#metIn = new Uint32Array(examples.length)
  }

  /** The next stack, with this many samples. */
  begin(count: number): void {
    this.#stack++
    this.#count = count
  }

  meet(number: number, innermost: boolean): void {
    if (innermost) this.#self[number] = (this.#self[number] as number) + this.#count
    if (this.#metIn[number] === this.#stack) return
    this.#metIn[number] = this.#stack
    this.#total[number] = (this.#total[number] as number) + this.#count
  }

  /** By own samples, then by all. */
  list(): LiveShare[] {
    const shares: LiveShare[] = []
    for (const [number, total] of this.#total.entries()) {
      const frame = this.#examples[number]
      if (total > 0 && frame !== undefined) shares.push({ frame, self: this.#self[number] as number, total })
    }
    return shares.sort((a, b) => b.self - a.self || b.total - a.total)
  }
}
