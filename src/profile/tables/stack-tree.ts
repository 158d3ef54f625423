// All stacks that were ever seen, as a tree: a stack is its caller's stack and one frame. Typed arrays and an open hash
// over them, so that finding a known stack makes no object, and a million stacks take 30 MB. No `AddressPairTable`: the two
// columns are handed on as they are, row by row, and so they may not have gaps.

import type { StackTable } from '../profile.js'
import { enlarge } from './enlarge.js'
import { hashPair } from './hash-pair.js'

const EMPTY_SLOT = 0

export class StackTree implements StackTable {
  length = 1
  parents = new Uint32Array(1024)
  frames = new Uint32Array(1024)
  /** Stacks by the hash of parent and frame; 0 is a free slot, as nobody looks for the empty stack. */
  #slots = new Uint32Array(4096)

  /** The stack of `frame` called from `parent`. */
  child(parent: number, frame: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hashPair(parent, frame) & mask; ; slot = (slot + 1) & mask) {
      const stack = this.#slots[slot] as number
      if (stack === EMPTY_SLOT) return this.#add(parent, frame, slot)
      if (this.parents[stack] === parent && this.frames[stack] === frame) return stack
    }
  }

  /** What of `stack` was called from `root`, one of the stacks that it grew from, as a stack of its own. */
  withoutRoot(stack: number, root: number): number {
    const frames: number[] = []
    for (let at = stack; at !== root && at !== 0; at = this.parents[at] as number)
      frames.push(this.frames[at] as number)
    return frames.reduceRight((parent, frame) => this.child(parent, frame), 0)
  }

  /** `stack` with one more frame in it, outside of its `inner` innermost ones. */
  insert(stack: number, inner: number, frame: number): number {
    const frames: number[] = []
    let outer = stack
    for (; frames.length < inner && outer !== 0; outer = this.parents[outer] as number) {
      frames.push(this.frames[outer] as number)
    }
    return frames.reduceRight((parent, one) => this.child(parent, one), this.child(outer, frame))
  }

  /** How many frames of `stack` were called from `root`, one of the stacks that it grew from. */
  countFrom(stack: number, root: number): number {
    let count = 0
    for (let at = stack; at !== root && at !== 0; at = this.parents[at] as number) count++
    return count
  }

  #add(parent: number, frame: number, slot: number): number {
    if (this.length === this.parents.length) {
      this.parents = enlarge(this.parents)
      this.frames = enlarge(this.frames)
    }
    const stack = this.length++
    this.parents[stack] = parent
    this.frames[stack] = frame
    this.#slots[slot] = stack
    if (this.length * 2 > this.#slots.length) this.#rehash()
    return stack
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 4)
    const mask = slots.length - 1
    for (let stack = 1; stack < this.length; stack++) {
      let slot = hashPair(this.parents[stack] as number, this.frames[stack] as number) & mask
      while (slots[slot] !== EMPTY_SLOT) slot = (slot + 1) & mask
      slots[slot] = stack
    }
    this.#slots = slots
  }
}
