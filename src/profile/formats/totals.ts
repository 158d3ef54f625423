// Sums of a profile by thread and stack: all that the formats without a time axis need. And the one place where samples
// that were taken while garbage was collected get a frame `<GC>` on top, so that no format has to know of it.

import { type Profile, type ProfileFrame, SampleFlag, type SampleRuns, type StackTable } from '../profile.js'
import { enlarge } from '../sampler/enlarge.js'

/** The profile's tables with room for `<GC>`: stack `n + stacks.length` is stack `n` with that frame on top. */
export interface MarkedStacks {
  readonly frames: readonly ProfileFrame[]
  readonly stacks: StackTable
  /** What to add to the index of a stack when garbage was being collected. */
  readonly collectingOffset: number
}

/** Columns of the same `length`, a row for each pair of thread and stack. */
export interface Totals {
  readonly length: number
  readonly threads: Uint32Array
  readonly stacks: Uint32Array
  readonly samples: Float64Array
  readonly wallUs: Float64Array
  /** Of `wallUs`, what was on a CPU, and what held the interpreter's lock. */
  readonly cpuUs: Float64Array
  readonly gilUs: Float64Array
}

const GC_FRAME: ProfileFrame = {
  function: '<GC>',
  qualifiedName: '<GC>',
  file: '',
  firstLine: 0,
  line: 0,
  endLine: 0,
  column: -1,
  endColumn: -1,
}

export function markCollecting({ frames, stacks }: Profile): MarkedStacks {
  const { length } = stacks
  const parents = new Uint32Array(length * 2)
  const tops = new Uint32Array(length * 2)
  parents.set(stacks.parents.subarray(0, length))
  tops.set(stacks.frames.subarray(0, length))
  for (let stack = 0; stack < length; stack++) parents[length + stack] = stack
  tops.fill(frames.length, length)
  return {
    frames: [...frames, GC_FRAME],
    stacks: { length: length * 2, parents, frames: tops },
    collectingOffset: length,
  }
}

/** Rows by thread, and in a thread by stack. */
export function sumUp(profile: Profile, marked: MarkedStacks): Totals {
  const sums = new Sums(profile.threads.length, marked)
  for (const piece of profile.runs) sums.add(piece)
  return sums.finish()
}

/** The stack's frames as indexes, outermost first. */
export function pathOf({ parents, frames }: StackTable, stack: number): number[] {
  const path: number[] = []
  for (let at = stack; at !== 0; at = parents[at] as number) path.push(frames[at] as number)
  return path.reverse()
}

/** Sums in the making, for a writer that walks over the runs itself. */
export class Sums {
  readonly #marked: MarkedStacks
  /** For each thread that was seen, the row of each stack and one more; 0 is none. */
  readonly #rows: (Uint32Array | undefined)[]
  #length = 0
  #threads = new Uint32Array(1024)
  #stacks = new Uint32Array(1024)
  #samples = new Float64Array(1024)
  #wallUs = new Float64Array(1024)
  #cpuUs = new Float64Array(1024)
  #gilUs = new Float64Array(1024)

  constructor(threadCount: number, marked: MarkedStacks) {
    this.#rows = new Array(threadCount).fill(undefined)
    this.#marked = marked
  }

  add({ length, threads, stacks, startUs, endUs, counts, flags }: SampleRuns): void {
    const { collectingOffset } = this.#marked
    for (let at = 0; at < length; at++) {
      const flag = flags[at] as number
      const stack = (stacks[at] as number) + (flag & SampleFlag.collectingGarbage ? collectingOffset : 0)
      const row = this.#rowOf(threads[at] as number, stack)
      const us = (endUs[at] as number) - (startUs[at] as number)
      this.#samples[row] = (this.#samples[row] as number) + (counts[at] as number)
      this.#wallUs[row] = (this.#wallUs[row] as number) + us
      if (flag & SampleFlag.onCpu) this.#cpuUs[row] = (this.#cpuUs[row] as number) + us
      if (flag & SampleFlag.holdsGil) this.#gilUs[row] = (this.#gilUs[row] as number) + us
    }
  }

  finish(): Totals {
    const order = new Uint32Array(this.#length).map((_, row) => row)
    order.sort(
      (a, b) =>
        (this.#threads[a] as number) - (this.#threads[b] as number) ||
        (this.#stacks[a] as number) - (this.#stacks[b] as number),
    )
    const pick = (column: Float64Array): Float64Array => Float64Array.from(order, (row) => column[row] as number)
    return {
      length: this.#length,
      threads: order.map((row) => this.#threads[row] as number),
      stacks: order.map((row) => this.#stacks[row] as number),
      samples: pick(this.#samples),
      wallUs: pick(this.#wallUs),
      cpuUs: pick(this.#cpuUs),
      gilUs: pick(this.#gilUs),
    }
  }

  #rowOf(thread: number, stack: number): number {
    const rows = this.#rows[thread] ?? this.#begin(thread)
    const row = rows[stack] as number
    if (row !== 0) return row - 1
    if (this.#length === this.#samples.length) this.#grow()
    this.#threads[this.#length] = thread
    this.#stacks[this.#length] = stack
    rows[stack] = ++this.#length
    return this.#length - 1
  }

  #begin(thread: number): Uint32Array {
    const rows = new Uint32Array(this.#marked.stacks.length)
    this.#rows[thread] = rows
    return rows
  }

  #grow(): void {
    this.#threads = enlarge(this.#threads)
    this.#stacks = enlarge(this.#stacks)
    this.#samples = enlarge(this.#samples)
    this.#wallUs = enlarge(this.#wallUs)
    this.#cpuUs = enlarge(this.#cpuUs)
    this.#gilUs = enlarge(this.#gilUs)
  }
}
