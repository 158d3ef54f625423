// Samples counted by thread and stack, while they are recorded or from a recording: what a summary is made of.

import { SampleFlag, type SampleRuns } from './profile.js'

/** Stacks up to which threads have columns of counts, all together; beyond, each has a table of its own stacks. */
const MAX_DENSE_COUNTS = 4_000_000

/** The samples of each thread and stack, counted as they come. */
export class SampleCounts {
  readonly #threads: ThreadCounts[] = []
  #columns = 0

  add({ length, threads, stacks, counts, flags }: SampleRuns): void {
    for (let run = 0; run < length; run++) {
      const thread = this.ofThread(threads[run] as number)
      thread.add(stacks[run] as number, counts[run] as number, flags[run] as number)
    }
  }

  ofThread(index: number): ThreadCounts {
    while (this.#threads.length <= index) {
      this.#threads.push(new ThreadCounts((more) => this.#takeRoom(more)))
    }
    return this.#threads[index] as ThreadCounts
  }

  /** Adds the samples of each stack to `column`, and returns it. */
  addTo(column: Float64Array): Float64Array {
    for (const thread of this.#threads) thread.addTo(column)
    return column
  }

  #takeRoom(more: number): boolean {
    if (this.#columns + more > MAX_DENSE_COUNTS) return false
    this.#columns += more
    return true
  }
}

class ThreadCounts {
  readonly #takeRoom: (more: number) => boolean
  /** By stack; what lies beyond stands in the table. */
  #column = new Float64Array(0)
  #table: Map<number, number> | undefined
  samples = 0
  holdingGil = 0
  collectingGarbage = 0
  handlingException = 0

  constructor(takeRoom: (more: number) => boolean) {
    this.#takeRoom = takeRoom
  }

  add(stack: number, count: number, flags: number): void {
    if (stack >= this.#column.length) this.#makeRoom(stack)
    if (stack < this.#column.length) this.#column[stack] = (this.#column[stack] as number) + count
    else this.#table?.set(stack, (this.#table.get(stack) ?? 0) + count)
    this.samples += count
    if (flags & SampleFlag.holdsGil) this.holdingGil += count
    if (flags & SampleFlag.collectingGarbage) this.collectingGarbage += count
    if (flags & SampleFlag.handlingException) this.handlingException += count
  }

  /** Adds the samples of each stack to `column`, and returns it; a recording that was cut off may lack the last stacks. */
  addTo(column: Float64Array): Float64Array {
    const known = Math.min(this.#column.length, column.length)
    for (let stack = 0; stack < known; stack++)
      column[stack] = (column[stack] as number) + (this.#column[stack] as number)
    for (const [stack, count] of this.#table ?? []) {
      if (stack < column.length) column[stack] = (column[stack] as number) + count
    }
    return column
  }

  #makeRoom(stack: number): void {
    if (this.#table !== undefined) return
    const length = Math.max(256, 2 ** Math.ceil(Math.log2(stack + 1)))
    if (!this.#takeRoom(length - this.#column.length)) {
      this.#table = new Map()
      return
    }
    const larger = new Float64Array(length)
    larger.set(this.#column)
    this.#column = larger
  }
}
