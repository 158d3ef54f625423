// Which stack a copy shows, if that can be believed. A copy that equals the last proved one needs no second look; any
// other is believed when a second copy, made right behind it, has the same frames, or when each call in it is known
// (docs/architecture.md, "A thousand stacks a second"). Only the frames that differ from the sample before are walked
// and decoded. Nothing here makes an object a sample.

import type { Address } from '../../../memory/remote-memory.js'
import { InnermostFrame, LOST } from './innermost-frame.js'
import { MOVED, UNKNOWN } from './no-stack.js'
import type { SamplingContext } from './sampling-context.js'
import { StackDecoder } from './stack-decoder.js'
import type { StackParts } from './stack-parts.js'
import { StackWalker } from './stack-walker.js'

/** Two copies agree on a call that takes more proof than that: copy the thread again, as it seems to stand still. */
const AGREED = -4
/** A stack that is recognized and has more new frames than this calls for a newer proved one. */
const MANY_WALKED = 16

export class StackProver {
  readonly #parts: StackParts
  readonly #innermost: InnermostFrame
  readonly #walker: StackWalker
  readonly #decoder: StackDecoder
  readonly #tellsTasksApart: boolean
  /** That of the proved stack's innermost frame. */
  #instruction = 0
  /** The proved stack. */
  stack = 0
  /** The slot of a stack that was recognized, and how many frames further out it shares with the proved one. */
  #recognizedIn = -1
  #sharedWith = 0

  constructor(parts: StackParts, { layout, frames, stacks }: SamplingContext) {
    this.#parts = parts
    this.#innermost = new InnermostFrame(parts, frames)
    this.#walker = new StackWalker(parts)
    this.#decoder = new StackDecoder(parts, frames, stacks)
    this.#tellsTasksApart = layout.runningTask >= 0
  }

  /**
   * The stack that the copy in `slot` has: its index in the tree, or `MOVED` or `UNKNOWN`. There may be a second copy to
   * compare it with.
   */
  examine(slot: number, second: number | undefined): number {
    const { thread, copies, plan, proved } = this.#parts
    this.#recognizedIn = -1
    const current = thread.currentFrame(slot)
    if (current === 0 || current === thread.baseFrame(slot)) return this.#acceptEmpty()
    if (!copies.fits(slot, thread.chunk(slot), thread.chunkTop(slot))) {
      plan.followChunks()
      return MOVED
    }
    // Short calls have come and gone since the thread state was copied: the frames tell.
    const innermost = this.#innermost.find(slot, current)
    if (proved.isIn(slot, innermost)) return this.#acceptUnchanged(slot)
    const { version } = plan
    const stack = second === undefined ? MOVED : this.#compare([slot, second], current, innermost)
    if (stack === AGREED) return MOVED
    return stack === MOVED && plan.version === version ? this.#recognize(slot, innermost) : stack
  }

  /** Of the stack that was found last, what ends with the frame at `address`; undefined when that is none of its frames. */
  stackTo(address: Address): number | undefined {
    const { proved, walked } = this.#parts
    if (this.#recognizedIn >= 0) {
      const index = walked.addresses.subarray(0, walked.count).indexOf(address)
      if (index >= 0) return walked.stacks[index]
    }
    const index = proved.addresses.subarray(0, this.#provedCount).indexOf(address)
    return index < 0 ? undefined : proved.stackOf(index + 1)
  }

  /** The stack that was found last was there while no garbage was collected. */
  noteFree(): void {
    const { proved } = this.#parts
    proved.free = Math.max(proved.free, this.#provedCount)
  }

  /** Whether C code has called Python in that stack, as a garbage collection may have that began since `noteFree`. */
  get hasNewCallsFromC(): boolean {
    const { proved, walked, frames } = this.#parts
    const slot = this.#recognizedIn
    const free = slot >= 0 ? proved.freeIn(slot, this.#sharedWith, walked) : proved.free
    // What the thread itself runs was called from C, too. An entry is old if the call through it is.
    if (proved.hasEntry(Math.max(1, free - 1), this.#provedCount)) return true
    for (let index = 0; slot >= 0 && index < walked.count; index++) {
      const isOutermost = index === walked.count - 1 && this.#sharedWith === 0
      if (!isOutermost && frames.isEntry(slot, walked.places[index] as number)) return true
    }
    return false
  }

  /** How many of the proved frames belong to the stack that was found last. */
  get #provedCount(): number {
    return this.#recognizedIn >= 0 ? this.#sharedWith : this.#parts.proved.count
  }

  #acceptEmpty(): number {
    this.#parts.plan.forgetProved()
    this.#parts.plan.countSample()
    this.stack = 0
    return 0
  }

  #acceptUnchanged(slot: number): number {
    const { plan, proved, frames } = this.#parts
    plan.countSample()
    const instruction = frames.instructionAt(slot, proved.innermostPlace)
    if (instruction === this.#instruction) return this.stack
    const stack = this.#decoder.decode(slot, proved.innermostPlace, proved.stackOf(proved.count - 1), 0)
    if (stack < 0) return MOVED
    proved.setStack(stack)
    this.#instruction = instruction
    this.stack = stack
    return stack
  }

  /** A stack that two copies agree on. */
  #compare(slots: readonly [number, number], current: Address, innermost: Address): number {
    const { thread, plan, proved, frames, walked } = this.#parts
    const [first, second] = slots
    if (thread.currentFrame(second) !== current) return MOVED
    if (!this.#innermost.mayBe(current, innermost, slots)) return MOVED
    if (thread.chunk(second) !== thread.chunk(first)) return MOVED
    const still = this.#walker.walk(first, current, thread.baseFrame(first), false)
    if (still < 0 || !this.#walker.isSame(first, second, still)) return MOVED
    if (!this.#decoder.areCallsKnown(first, still, 2)) return AGREED
    const stack = this.#decoder.decodeWalked(first, still)
    if (stack < 0) {
      plan.forgetProved()
      return MOVED
    }
    plan.noteUse(walked)
    plan.prove(first, still, walked, this.#walker.end)
    this.#instruction = frames.instructionAt(first, proved.innermostPlace)
    this.stack = stack
    return stack
  }

  /** A stack that one copy alone has, if each call in it is known from proved ones. */
  #recognize(slot: number, innermost: Address): number {
    const stack = this.#findKnown(slot, innermost)
    if (stack < 0) this.#parts.plan.wantTwoCopies()
    else this.#parts.plan.countSample()
    return stack
  }

  #findKnown(slot: number, innermost: Address): number {
    // Which task a stack belongs to is only known of proved ones.
    if (this.#tellsTasksApart || innermost === 0) return MOVED
    if (innermost === LOST) return UNKNOWN
    const { thread, plan, walked } = this.#parts
    const still = this.#walker.walk(slot, innermost, thread.baseFrame(slot), true)
    if (still < 0) return MOVED
    if (!this.#decoder.areCallsKnown(slot, still, 1)) return UNKNOWN
    // It goes faster beside a proved stack that is more like it.
    if (walked.count > MANY_WALKED && !walked.hasResumed) plan.wantTwoCopies(2)
    plan.noteUse(walked)
    this.#recognizedIn = slot
    this.#sharedWith = still
    return this.#decoder.decodeWalked(slot, still)
  }
}
