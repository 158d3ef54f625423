// One thread, look by look: what of it is copied, and which stack each copy shows. What its newest copy says besides of
// the thread is there for whoever judges the sample.

import type { Address } from '../../../memory/remote-memory.js'
import type { PieceList } from '../../../memory/scatter.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { SampledThread } from '../copies/copied-thread.js'
import { GONE, MOVED } from '../stack/no-stack.js'
import type { SamplingContext } from '../stack/sampling-context.js'
import { createStackParts, type StackParts } from '../stack/stack-parts.js'
import { StackProver } from '../stack/stack-prover.js'

export class ThreadSampler {
  readonly thread: SampledThread
  readonly #stacks: StackTree
  readonly #parts: StackParts
  readonly #prover: StackProver
  /** The slot of the copy that was examined last. */
  #newest = 1

  constructor(thread: SampledThread, context: SamplingContext) {
    this.thread = thread
    this.#stacks = context.stacks
    this.#parts = createStackParts(thread, context)
    this.#prover = new StackProver(this.#parts, context)
  }

  /** Goes on, never back, when the pieces that were planned last are not those that the next look needs. */
  get version(): number {
    return this.#parts.plan.version
  }

  /** Whether the next sample should be copied twice at once. */
  get wantsTwoCopies(): boolean {
    return this.#parts.plan.wantsTwoCopies
  }

  /** The proved stack. */
  get stack(): number {
    return this.#prover.stack
  }

  /** Adds one copy or two, one behind the other. */
  addPieces(pieces: PieceList, copies: number): void {
    this.#parts.plan.addPieces(pieces, copies)
  }

  /** Adds a second copy, unless there is one already, for `examineAgain`. */
  addSecondLook(pieces: PieceList): void {
    this.#parts.plan.addSecondLook(pieces)
  }

  /** A copy could not be read: something that was planned for is not there any more, most likely the newest chunk. */
  replan(fromScratch: boolean): void {
    if (fromScratch) this.#parts.plan.startAnew()
    else this.#parts.plan.followChunks()
  }

  /** The next sample is decoded as a whole. */
  forget(): void {
    this.#parts.plan.forgetProved()
    this.#parts.resumptions.forget()
  }

  /** A 32-bit word of the thread state in the newest copy. */
  word(index: number): number {
    return this.#parts.thread.word(this.#newest, index)
  }

  /** A pointer of the thread state in the newest copy. */
  pointer(index: number): Address {
    return this.#parts.thread.pointer(this.#newest, index)
  }

  /** The stack that the first copy has: its index in the tree, or `MOVED`, `UNKNOWN` or `GONE`. */
  examine(): number {
    const { plan } = this.#parts
    return this.#examine(plan.first, plan.planned < 2 ? undefined : plan.second)
  }

  /** The same of the second copy, if it is a look of its own and the thread was not copied again since. */
  examineAgain(): number {
    const { plan } = this.#parts
    return plan.hasSecondLook ? this.#examine(plan.second, undefined) : MOVED
  }

  #examine(slot: number, second: number | undefined): number {
    this.#newest = slot
    return this.#parts.thread.isSame(slot) ? this.#prover.examine(slot, second) : GONE
  }

  /** While the newest copy was made, no garbage was collected. */
  noteFree(): void {
    this.#prover.noteFree()
  }

  /**
   * How many of the frames of `stack`, which was found last, a garbage collection has called that began in the frame at
   * `from`; 0 stands for a frame that is not known. Undefined where that can't be told.
   */
  countCollected(stack: number, from: Address): number | undefined {
    if (from === 0) return this.#prover.hasNewCallsFromC ? undefined : 0
    const root = this.#prover.stackTo(from)
    return root === undefined ? undefined : this.#stacks.countFrom(stack, root)
  }

  /** The part of the proved stack from the frame at `outermost` inwards, as a stack of its own. */
  stackFrom(outermost: Address): number | undefined {
    const { proved } = this.#parts
    const index = proved.addresses.indexOf(outermost)
    return index < 0 ? undefined : this.#stacks.withoutRoot(this.stack, proved.stackOf(index))
  }
}
