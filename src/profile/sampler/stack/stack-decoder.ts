// From walked frames to a stack of the tree, and whether each call among them is known.

import { PAGE_BYTES } from '../../../memory/page.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'
import { type FrameTable, HIDDEN, TORN } from './frame-table.js'
import { MOVED } from './no-stack.js'
import type { ProvedStack } from './proved-stack.js'
import type { StackParts } from './stack-parts.js'
import type { WalkedFrames } from './walked-frames.js'

export class StackDecoder {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #proved: ProvedStack
  readonly #walked: WalkedFrames
  readonly #table: FrameTable
  readonly #stacks: StackTree

  constructor({ copies, frames, proved, walked }: StackParts, table: FrameTable, stacks: StackTree) {
    this.#copies = copies
    this.#frames = frames
    this.#proved = proved
    this.#walked = walked
    this.#table = table
    this.#stacks = stacks
  }

  /** The stack of the walked frames, called from the `still` ones, or `MOVED` when one of them is no frame. */
  decodeWalked(slot: number, still: number): number {
    let stack = this.#proved.stackOf(still)
    for (let index = this.#walked.count - 1; index >= 0; index--) {
      stack = this.decode(slot, this.#walked.places[index] as number, stack)
      if (stack < 0) return MOVED
      this.#walked.stacks[index] = stack
    }
    return stack
  }

  /** The stack of the frame at `place` called from `parent`, or `MOVED` when there is no such frame. */
  decode(slot: number, place: number, parent: number): number {
    if (this.#frames.isEntry(slot, place)) return parent
    const frame = this.#findFrame(slot, place)
    if (frame === TORN) return MOVED
    return frame === HIDDEN ? parent : this.#stacks.child(parent, frame)
  }

  /**
   * Whether each call among the walked frames is known. The frames are evidence themselves: two copies agree on them, or
   * one copy shows some side by side.
   */
  areCallsKnown(slot: number, still: number, copies: number): boolean {
    const { calls } = this.#table
    const [frames, walked] = [this.#frames, this.#walked]
    let known = true
    let caller = this.#proved.callerOf(still)
    let callerAddress = still > 0 ? (this.#proved.addresses[still - 1] as number) : 0
    for (let index = walked.count - 1; index >= 0; index--) {
      const place = walked.places[index] as number
      const address = walked.addresses[index] as number
      if (!frames.isEntry(slot, place)) {
        const code = frames.codeAt(slot, place)
        if (caller !== 0) {
          if (copies === 2) calls.prove(caller, code)
          else if (this.#areSideBySide(slot, callerAddress, address, place)) calls.see(caller, code)
          if (!calls.isKnown(caller, code)) known = false
        }
        caller = frames.instructionAt(slot, place)
      }
      callerAddress = address
    }
    return known
  }

  /** Whether a frame lies right behind its caller, on one page: both are copied within some nanoseconds. */
  #areSideBySide(slot: number, caller: Address, callee: Address, place: number): boolean {
    const distance = callee - caller
    return (
      distance > 0 &&
      distance < PAGE_BYTES &&
      caller % PAGE_BYTES < (callee + this.#frames.bytes) % PAGE_BYTES &&
      place >= this.#copies.chunksAt &&
      this.#findFrame(slot, place) !== TORN
    )
  }

  #findFrame(slot: number, place: number): number {
    const frames = this.#frames
    return this.#table.find(frames.codeAt(slot, place), frames.instructionAt(slot, place), frames.ownerAt(slot, place))
  }
}
