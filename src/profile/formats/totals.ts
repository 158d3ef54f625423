// Sums of a profile by thread and stack: all that the formats without a time axis need. And the tables that all formats
// are written from.

import { type Profile, type ProfileFrame, SampleFlag, type SampleRuns, type StackTable } from '../profile.js'
import { enlarge } from '../tables/enlarge.js'

export interface Tables {
  readonly frames: readonly ProfileFrame[]
  readonly stacks: StackTable
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

/** What CPython's own profilers write for the file of a frame that has none, such as `<GC>`. */
const NO_FILE = '~'

/** The profile's tables, as long as they are used; a frame without a file has an empty one. */
export function tablesOf({ frames, stacks: { length, parents, frames: tops } }: Profile): Tables {
  return {
    frames: frames.map((frame) => (frame.file === NO_FILE ? { ...frame, file: '' } : frame)),
    stacks: { length, parents: parents.subarray(0, length), frames: tops.subarray(0, length) },
  }
}

/** Rows by thread, and in a thread by stack. */
export function sumUp(profile: Profile, tables: Tables): Totals {
  const sums = new Sums(profile.threads.length, tables)
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
  readonly #tables: Tables
  /** For each thread that was seen, the row of each stack; 0 is none. */
  readonly #rows: (Uint32Array | undefined)[]
  #length = 1
  #threads = new Uint32Array(1024)
  #stacks = new Uint32Array(1024)
  /** The sums of a row stand side by side: they are always needed together. */
  #sums = new Float64Array(1024 * SUMS_A_ROW)

  constructor(threadCount: number, tables: Tables) {
    this.#rows = new Array(threadCount).fill(undefined)
    this.#tables = tables
  }

  add({ length, threads, stacks, startUs, endUs, counts, flags }: SampleRuns): void {
    let sums = this.#sums
    for (let run = 0; run < length; run++) {
      const flag = flags[run] as number
      const stack = stacks[run] as number
      let row = this.#rows[threads[run] as number]?.[stack] ?? 0
      if (row === 0) {
        row = this.#begin(threads[run] as number, stack)
        sums = this.#sums
      }
      const at = row * SUMS_A_ROW
      const us = (endUs[run] as number) - (startUs[run] as number)
      sums[at] = (sums[at] as number) + (counts[run] as number)
      sums[at + 1] = (sums[at + 1] as number) + us
      if (flag & SampleFlag.onCpu) sums[at + 2] = (sums[at + 2] as number) + us
      if (flag & SampleFlag.holdsGil) sums[at + 3] = (sums[at + 3] as number) + us
    }
  }

  finish(): Totals {
    const order = new Uint32Array(this.#length - 1).map((_, at) => at + 1)
    order.sort(
      (a, b) =>
        (this.#threads[a] as number) - (this.#threads[b] as number) ||
        (this.#stacks[a] as number) - (this.#stacks[b] as number),
    )
    const pick = (sum: number): Float64Array =>
      Float64Array.from(order, (row) => this.#sums[row * SUMS_A_ROW + sum] as number)
    return {
      length: order.length,
      threads: order.map((row) => this.#threads[row] as number),
      stacks: order.map((row) => this.#stacks[row] as number),
      samples: pick(0),
      wallUs: pick(1),
      cpuUs: pick(2),
      gilUs: pick(3),
    }
  }

  #begin(thread: number, stack: number): number {
    const rows = this.#rows[thread] ?? new Uint32Array(this.#tables.stacks.length)
    this.#rows[thread] = rows
    if (this.#length === this.#threads.length) {
      this.#threads = enlarge(this.#threads)
      this.#stacks = enlarge(this.#stacks)
      this.#sums = enlarge(this.#sums)
    }
    const row = this.#length++
    this.#threads[row] = thread
    this.#stacks[row] = stack
    rows[stack] = row
    return row
  }
}

/** Samples, and microseconds: all, on a CPU, with the interpreter's lock. */
const SUMS_A_ROW = 4
