// The tables that all windows of a live profile share. They only grow, and an index means the same for ever, so that a
// window that somebody has kept stays true.

import type { ProfileFrame, ProfileThread } from '../profile.js'
import { enlarge } from '../tables/enlarge.js'
import type { SampleBatch } from '../tables/sample-batch.js'

type Tables = Pick<SampleBatch, 'frames' | 'stacks' | 'threads'>

export class LiveTables {
  readonly frames: ProfileFrame[] = []
  /** A frame of each function, and of each line of a function. */
  readonly functions: ProfileFrame[] = []
  readonly lines: ProfileFrame[] = []
  /** The function and the line of each frame. */
  readonly functionOf: number[] = []
  readonly lineOf: number[] = []
  readonly threads: ProfileThread[] = []
  /** Stacks by their index, as in `StackTable`; 0 is the empty one. */
  parents = new Uint32Array(1024)
  innermost = new Uint32Array(1024)
  #stacks = 1
  readonly #functionNumbers = new Map<string, number>()
  readonly #lineNumbers = new Map<string, number>()

  add({ frames, stacks, threads }: Tables): void {
    for (const frame of frames) this.#addFrame(frame)
    for (const [index, parent] of stacks.parents.entries()) this.#addStack(parent, stacks.frames[index] as number)
    for (const [index, thread] of threads) this.threads[index] = thread
  }

  #addFrame(frame: ProfileFrame): void {
    const { qualifiedName, file, firstLine, line } = frame
    const key = `${firstLine} ${file}\0${qualifiedName}`
    this.frames.push(frame)
    this.functionOf.push(numberOf(key, frame, this.#functionNumbers, this.functions))
    this.lineOf.push(numberOf(`${line} ${key}`, frame, this.#lineNumbers, this.lines))
  }

  #addStack(parent: number, frame: number): void {
    if (this.#stacks === this.parents.length) {
      this.parents = enlarge(this.parents)
      this.innermost = enlarge(this.innermost)
    }
    this.parents[this.#stacks] = parent
    this.innermost[this.#stacks++] = frame
  }
}

/** The number of what `key` names; what is new is put at the end of `examples`. */
function numberOf(key: string, frame: ProfileFrame, numbers: Map<string, number>, examples: ProfileFrame[]): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  const number = examples.push(frame) - 1
  numbers.set(key, number)
  return number
}
