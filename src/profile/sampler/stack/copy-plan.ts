// What is copied of one thread for its next look, and into which slots: planned from the stack that was proved last. All
// that a plan is made from is changed through here, so that no change goes without being counted.

import type { Address } from '../../../memory/remote-memory.js'
import type { PieceList } from '../../../memory/scatter.js'
import { SLOTS, type StackCopies } from '../copies/stack-copies.js'
import type { ProvedStack } from './proved-stack.js'
import type { WalkedFrames } from './walked-frames.js'

/** Samples after a change for which a second copy is read at once rather than when it turns out to be needed. */
const SAMPLES_COPIED_TWICE = 8
/** Frames elsewhere that a stack once had are copied up to this many, beyond twice as many as are used. */
const MANY_FRAMES_ELSEWHERE = 16

export class CopyPlan {
  readonly #copies: StackCopies
  readonly #proved: ProvedStack
  #version = 0
  #first = 1
  /** How many copies are planned. */
  #planned = 1
  #hasSecondLook = false
  #secondFrom = 0
  #twiceFor = SAMPLES_COPIED_TWICE
  #manyElsewhere = MANY_FRAMES_ELSEWHERE

  constructor(copies: StackCopies, proved: ProvedStack) {
    this.#copies = copies
    this.#proved = proved
  }

  /**
   * Another one when the pieces that were planned last are not those that the next look needs. It goes on, never back:
   * those of several threads are summed up, and if one went on while another went back, nobody would see that both plans
   * are void; what they copy then overwrites the proved stacks.
   */
  get version(): number {
    return this.#version
  }

  /** The slot of the first copy; a second one lies in the one behind it. */
  get first(): number {
    return this.#first
  }

  get second(): number {
    return (this.#first + 1) % SLOTS
  }

  get planned(): number {
    return this.#planned
  }

  /** Whether the second copy is whole, and a look of its own. */
  get hasSecondLook(): boolean {
    return this.#hasSecondLook
  }

  /** Where the second copy begins. */
  get secondFrom(): number {
    return this.#secondFrom
  }

  /** Whether the next sample should be copied twice at once. */
  get wantsTwoCopies(): boolean {
    return this.#twiceFor > 0
  }

  /** Adds one copy or two, one behind the other. The slots are those of this plan: any earlier one is void. */
  addPieces(pieces: PieceList, copies: number): void {
    this.#version++
    this.#first = (this.#proved.slot + 1) % SLOTS
    this.#planned = copies
    this.#hasSecondLook = false
    const sure = this.#proved.planEntries()
    this.#copies.addPieces(pieces, this.#first, sure)
    // What surely lies still is compared with the proved stack, and needs no second copy.
    const still = Math.min(this.#proved.still, this.#proved.count)
    this.#secondFrom = this.#copies.chunkStart(this.#copies.chunksAt + this.#proved.endOf(still))
    if (copies === 2) this.#copies.addPieces(pieces, this.second, sure, this.#secondFrom)
  }

  /** Adds a second copy, unless there is one already, for a look of its own. */
  addSecondLook(pieces: PieceList): void {
    if (this.#planned < 2) {
      this.#planned = 2
      this.#secondFrom = this.#copies.chunksAt
      this.#copies.addPieces(pieces, this.second, this.#proved.planEntries())
    }
    this.#hasSecondLook = this.#secondFrom <= this.#copies.chunksAt
  }

  /** So many of the next samples at least should be copied twice. */
  wantTwoCopies(samples = SAMPLES_COPIED_TWICE): void {
    this.#copyTwiceFor(Math.max(this.#twiceFor, samples))
  }

  /** One of them was taken. */
  countSample(): void {
    if (this.#twiceFor > 0) this.#copyTwiceFor(this.#twiceFor - 1)
  }

  #copyTwiceFor(samples: number): void {
    if (samples > 0 !== this.wantsTwoCopies) this.#version++
    this.#twiceFor = samples
  }

  /** The stack goes on in a chunk, or in a part of it, that is not copied. */
  followChunks(): void {
    this.#version++
    if (this.#copies.follow()) this.forgetProved()
  }

  /** Pieces can't be read, although the newest chunk was followed: nothing that is planned for need be there. */
  startAnew(): void {
    this.#version++
    this.#copies.reset()
    this.forgetProved()
  }

  /** Another stack is proved: its outermost `still` frames are those of the one before, the others were walked. */
  prove(slot: number, still: number, walked: WalkedFrames, chunksEnd: number): void {
    this.#version++
    this.#proved.replace(slot, still, walked, chunksEnd)
  }

  /** No stack is proved: the next one is decoded as a whole. */
  forgetProved(): void {
    if (this.#proved.sure > 0) this.#version++
    this.#proved.forget()
  }

  /** Only so many frames lie still, and the plan was made for more. */
  correctStill(still: number): void {
    this.#version++
    this.#proved.still = still
  }

  /** A thread has these frames: those of them that lie in no chunk will be needed again. */
  noteUse(walked: WalkedFrames): void {
    for (let index = 0; index < walked.count; index++) {
      if ((walked.places[index] as number) < this.#copies.chunksAt) this.#copies.use(walked.addresses[index] as number)
    }
  }

  /** Of a frame that lies in no chunk, what ends there is needed. */
  lengthen(bytes: number): void {
    if (!this.#copies.lengthenElsewhere(bytes)) return
    this.#version++
    this.forgetProved()
  }

  /** A walk has come to a frame that lies in no chunk. */
  include(address: Address, walked: WalkedFrames): void {
    this.#version++
    const copies = this.#copies
    if (copies.elsewhereCount > this.#manyElsewhere) {
      this.noteUse(walked)
      for (const one of this.#proved.addresses) copies.use(one)
      copies.forgetUnused()
      this.#manyElsewhere = 2 * copies.elsewhereCount + MANY_FRAMES_ELSEWHERE
      this.forgetProved()
    }
    if (copies.include(address)) this.forgetProved()
  }
}
