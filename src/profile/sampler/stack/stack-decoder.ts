// From walked frames to a stack of the tree, and whether each call among them is known.

import { PAGE_BYTES } from '../../../memory/page.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'
import type { CopyPlan } from './copy-plan.js'
import { type FrameTable, HIDDEN, TORN } from './frame-table.js'
import { MOVED } from './no-stack.js'
import type { ProvedStack } from './proved-stack.js'
import type { Resumptions } from './resumptions.js'
import type { StackParts } from './stack-parts.js'
import type { WalkedFrames } from './walked-frames.js'

export class StackDecoder {
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #proved: ProvedStack
  readonly #walked: WalkedFrames
  readonly #plan: CopyPlan
  readonly #resumptions: Resumptions
  readonly #table: FrameTable
  readonly #stacks: StackTree

  constructor({ copies, frames, proved, walked, plan, resumptions }: StackParts, table: FrameTable, stacks: StackTree) {
    this.#copies = copies
    this.#frames = frames
    this.#proved = proved
    this.#walked = walked
    this.#plan = plan
    this.#resumptions = resumptions
    this.#table = table
    this.#stacks = stacks
  }

  /** The stack of the walked frames, called from the `still` ones, or `MOVED` when one of them is no frame. */
  decodeWalked(slot: number, still: number): number {
    let stack = this.#proved.stackOf(still)
    for (let index = this.#walked.count - 1; index >= 0; index--) {
      const from = index === 0 ? 0 : (this.#walked.resumedFrom[index - 1] as number)
      stack = this.decode(slot, this.#walked.places[index] as number, stack, from)
      if (stack < 0) return MOVED
      this.#walked.stacks[index] = stack
    }
    return stack
  }

  /**
   * The stack of the frame at `place` called from `parent`, or `MOVED` when there is no such frame. It is at its own
   * instruction, or at another one that it is known to have been at.
   */
  decode(slot: number, place: number, parent: number, instruction: Address): number {
    if (this.#frames.isEntry(slot, place)) return parent
    const frame = this.#findFrame(slot, place, instruction)
    if (frame === TORN) return MOVED
    return frame === HIDDEN ? parent : this.#stacks.child(parent, frame)
  }

  /**
   * Whether each call among the walked frames is known. The frames are evidence themselves: two copies agree on them, or
   * one copy shows some side by side.
   */
  areCallsKnown(slot: number, still: number, copies: number): boolean {
    const [frames, walked] = [this.#frames, this.#walked]
    let known = true
    let caller = this.#proved.callerOf(still)
    let callerAddress = still > 0 ? (this.#proved.addresses[still - 1] as number) : 0
    for (let index = walked.count - 1; index >= 0; index--) {
      const place = walked.places[index] as number
      const address = walked.addresses[index] as number
      if (!frames.isEntry(slot, place)) {
        const from = walked.resumedFrom[index] as number
        if (from !== 0) {
          if (!this.#isResumeKnown(slot, index, copies)) known = false
        } else if (caller !== 0) {
          const sideBySide = copies === 1 && this.#areSideBySide(slot, callerAddress, address, place)
          if (!this.#isCallKnown(caller, frames.codeAt(slot, place), { copies, sideBySide })) known = false
        }
        caller = frames.instructionAt(slot, place)
      }
      callerAddress = address
    }
    return known
  }

  #isCallKnown(caller: Address, code: Address, how: { copies: number; sideBySide: boolean }): boolean {
    const { calls } = this.#table
    if (how.copies === 2) calls.prove(caller, code)
    else if (how.sideBySide) calls.see(caller, code)
    return calls.isKnown(caller, code)
  }

  #isResumeKnown(slot: number, index: number, copies: number): boolean {
    const { resumes } = this.#table
    const from = this.#walked.resumedFrom[index] as number
    const place = this.#walked.places[index] as number
    const code = this.#frames.codeAt(slot, place)
    if (copies === 2) resumes.prove(from, code)
    else this.#seeResumption(slot, this.#walked.addresses[index] as number, place)
    return resumes.isKnown(from, code)
  }

  /** What a second copy, if there is one, says of a generator whose caller has it in the first. */
  #seeResumption(slot: number, address: Address, place: number): void {
    const { first, second, planned, secondFrom } = this.#plan
    const resumption = this.#resumptions.find(slot, address)
    if (planned < 2 || slot !== first || resumption === undefined) return
    const callerAt = this.#copies.locate(resumption.caller)
    const inChunk = callerAt >= this.#copies.chunksAt
    if (inChunk && callerAt < secondFrom) return
    if (!this.#resumptions.isHeld(second, resumption)) this.#table.resumes.lose(resumption.instruction)
    else {
      // Chunks are copied before what lies elsewhere, and that in order.
      const between = inChunk || callerAt < place ? first : second
      this.#table.resumes.see(resumption.instruction, this.#frames.codeAt(between, place))
    }
  }

  /** Whether a frame lies right behind its caller, on one page: both are copied within some nanoseconds. */
  #areSideBySide(slot: number, caller: Address, callee: Address, place: number): boolean {
    const distance = callee - caller
    return (
      distance > 0 &&
      distance < PAGE_BYTES &&
      caller % PAGE_BYTES < (callee + this.#frames.bytes) % PAGE_BYTES &&
      place >= this.#copies.chunksAt &&
      this.#findFrame(slot, place, 0) !== TORN
    )
  }

  #findFrame(slot: number, place: number, instruction: Address): number {
    const frames = this.#frames
    const at = instruction === 0 ? frames.instructionAt(slot, place) : instruction
    return this.#table.find(frames.codeAt(slot, place), at, frames.ownerAt(slot, place))
  }
}
