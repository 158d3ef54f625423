// The stack of one thread, sample by sample. A copy that equals the last proved one needs no second look; any other is
// believed when a second copy, made right behind it, has the same frames, or when each call in it is known
// (docs/architecture.md, "A thousand stacks a second"). Only the frames that differ from the sample before are walked
// and decoded. Nothing here makes an object a sample.

import { PAGE_BYTES } from '../../../memory/page.js'
import type { Address } from '../../../memory/remote-memory.js'
import { type PieceList, pointerOf } from '../../../memory/scatter.js'
import { CopiedFrames } from '../stack/copied-frames.js'
import { HIDDEN, TORN } from '../stack/frame-table.js'
import { InnermostFrame } from '../stack/innermost-frame.js'
import { ProvedStack } from '../stack/proved-stack.js'
import { SLOTS, StackCopies } from '../stack/stack-copies.js'
import { WalkedFrames } from '../stack/walked-frames.js'
import type { SampledThread, SamplingContext } from './sampling-context.js'

/** The thread moved while it was copied, or has moved since the plan was made: copy it again. */
export const MOVED = -1
/** The copy is of one moment, but has a call that nobody has seen yet: copy it again, but not often. */
export const UNKNOWN = -3
/** The thread state is not that of this thread any more. */
export const GONE = -2

/** Two copies agree on a call that takes more proof than that: copy the thread again, as it seems to stand still. */
const AGREED = -4
/** Samples after a change for which a second copy is read at once rather than when it turns out to be needed. */
const RESTLESS_SAMPLES = 8
/** A stack that is recognized and has more new frames than this calls for a newer proved one. */
const MANY_WALKED = 16
/** Bits of a thread state's status: finalizing, cleared, finalized. */
const ENDING = (1 << 5) | (1 << 6) | (1 << 7)
/** Frames elsewhere that a stack once had are copied up to this many, beyond twice its depth. */
const MANY_FRAMES_ELSEWHERE = 16

export class ThreadSampler {
  readonly thread: SampledThread
  readonly #context: SamplingContext
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  readonly #innermost: InnermostFrame
  readonly #proved: ProvedStack
  readonly #walk = new WalkedFrames()
  readonly #idLow: number
  readonly #idHigh: number

  /** The slot of the first copy that is planned; a second one lies in the one behind it. */
  #first = 1
  /** How many copies are planned. */
  #planned = 1
  /** Whether the second one is whole, and a look of its own. */
  #hasSecondLook = false
  /** The slot of the copy that was examined last. */
  #newest = 1
  /** Where the second copy begins. */
  #secondFrom = 0
  #restless = RESTLESS_SAMPLES
  /** The end of the walked frames in the chunks, without the innermost frame if that is the last one. */
  #walkedEnd = 0
  #innermostInstruction = 0

  /** The proved stack. */
  stack = 0
  /** Goes on, never back, when the pieces that were planned last are not those that the next look needs. */
  version = 0

  constructor(thread: SampledThread, context: SamplingContext) {
    this.thread = thread
    this.#context = context
    this.#copies = new StackCopies(context.reader, context.runtime, context.layout, thread.address)
    this.#frames = new CopiedFrames(this.#copies, context.runtime)
    this.#innermost = new InnermostFrame(this.#copies, this.#frames, context.frames)
    this.#proved = new ProvedStack(this.#copies, this.#frames)
    this.#idLow = Number(thread.id & 0xffffffffn)
    this.#idHigh = Number(thread.id >> 32n)
  }

  /** Whether the next sample should be copied twice at once. */
  get isRestless(): boolean {
    return this.#restless > 0
  }

  /** Adds one copy or two, one behind the other. The slots are those of this plan: any earlier one is void. */
  addPieces(pieces: PieceList, copies: number): void {
    this.version++
    this.#first = (this.#proved.slot + 1) % SLOTS
    this.#planned = copies
    this.#hasSecondLook = false
    const sure = this.#proved.planEntries()
    this.#copies.addPieces(pieces, this.#first, sure)
    // What surely lies still is compared with the proved stack, and needs no second copy.
    const still = Math.min(this.#proved.still, this.#proved.count)
    this.#secondFrom = this.#copies.chunkStart(this.#copies.chunksAt + this.#proved.endOf(still))
    if (copies === 2) this.#copies.addPieces(pieces, this.#second, sure, this.#secondFrom)
  }

  /** Adds a second copy, unless there is one already, for `examineAgain`. */
  addSecondLook(pieces: PieceList): void {
    if (this.#planned < 2) {
      this.#planned = 2
      this.#secondFrom = this.#copies.chunksAt
      this.#copies.addPieces(pieces, this.#second, this.#proved.planEntries())
    }
    this.#hasSecondLook = this.#secondFrom <= this.#copies.chunksAt
  }

  /** A copy could not be read: something that was planned for is not there any more, most likely the newest chunk. */
  replan(fromScratch: boolean): void {
    if (fromScratch) this.#copies.reset()
    if (fromScratch || this.#copies.follow()) this.forget()
    this.version++
  }

  /** The next sample is decoded as a whole. */
  forget(): void {
    this.#proved.forget()
    if (this.#proved.sure > 0) this.version++
  }

  /** A 32-bit word of the thread state in the newest copy. */
  word(index: number): number {
    return this.#copies.buffer.words[this.#base(this.#newest) + index] as number
  }

  /** A pointer of the thread state in the newest copy. */
  pointer(index: number): Address {
    return pointerOf(this.#copies.buffer.words, this.#base(this.#newest) + index)
  }

  /** The stack that the first copy has: its index in the tree, or `MOVED`, `UNKNOWN` or `GONE`. */
  examine(): number {
    this.#newest = this.#first
    return this.#examineNewest(this.#planned)
  }

  /** The same of the second copy, if it is a look of its own and the thread was not copied again since. */
  examineAgain(): number {
    if (!this.#hasSecondLook) return MOVED
    this.#newest = this.#second
    return this.#examineNewest(1)
  }

  #examineNewest(copies: number): number {
    const { layout, interpreter } = this.#context
    if (this.pointer(layout.interpreter) !== interpreter || !this.#isSameThread()) return GONE
    const current = this.pointer(layout.currentFrame)
    if (current === 0 || current === this.#baseFrame()) return this.#acceptEmpty()
    if (this.#isPlanVoid()) return MOVED
    // Short calls have come and gone since the thread state was copied: the frames tell.
    const innermost = this.#innermost.find(this.#newest, current)
    if (this.#proved.isIn(this.#newest, innermost)) return this.#acceptUnchanged()
    const version = this.version
    const stack = copies < 2 ? MOVED : this.#examineTwice(current, innermost)
    if (stack === AGREED) return MOVED
    return stack === MOVED && this.version === version ? this.#recognize(innermost) : stack
  }

  /** The part of the proved stack from the frame at `outermost` inwards, as a stack of its own. */
  stackFrom(outermost: Address): number | undefined {
    const index = this.#proved.addresses.indexOf(outermost)
    return index < 0 ? undefined : this.#context.stacks.withoutRoot(this.stack, this.#proved.stackOf(index))
  }

  #isSameThread(): boolean {
    const { layout } = this.#context
    const { nativeId } = this.thread
    return (
      (this.word(layout.status) & ENDING) === 0 &&
      this.word(layout.nativeId) === nativeId &&
      this.word(layout.threadId) === this.#idLow &&
      this.word(layout.threadId + 1) === this.#idHigh
    )
  }

  #baseFrame(): Address {
    const { baseFrame } = this.#context.layout
    return baseFrame < 0 ? 0 : this.pointer(baseFrame)
  }

  #rest(): void {
    if (this.#restless > 0) this.#setRestless(this.#restless - 1)
  }

  #setRestless(samples: number): void {
    if (samples > 0 !== this.isRestless) this.version++
    this.#restless = samples
  }

  #acceptEmpty(): number {
    this.forget()
    this.#rest()
    this.stack = 0
    return 0
  }

  /** Whether the stack goes on where nothing was copied. */
  #isPlanVoid(): boolean {
    const { layout } = this.#context
    const [chunk, top] = [this.pointer(layout.chunk), this.pointer(layout.chunkTop)]
    if (this.#copies.fits(this.#newest, chunk, top)) return false
    if (this.#copies.follow()) this.forget()
    this.version++
    return true
  }

  #acceptUnchanged(): number {
    this.#rest()
    const proved = this.#proved
    const instruction = this.#frames.instructionAt(this.#newest, proved.innermostPlace)
    if (instruction === this.#innermostInstruction) return this.stack
    const stack = this.#decode(this.#newest, proved.innermostPlace, proved.stackOf(proved.count - 1))
    if (stack < 0) return MOVED
    proved.setStack(stack)
    this.#innermostInstruction = instruction
    this.stack = stack
    return stack
  }

  /** A stack that two copies agree on. */
  #examineTwice(current: Address, innermost: Address): number {
    const [first, second] = [this.#newest, this.#second]
    const layout = this.#context.layout
    const base = this.#base(second)
    const { words } = this.#copies.buffer
    if (pointerOf(words, base + layout.currentFrame) !== current) return MOVED
    if (!this.#innermost.mayBe(current, innermost, [first, second])) return MOVED
    if (pointerOf(words, base + layout.chunk) !== this.pointer(layout.chunk)) return MOVED
    const still = this.#walkFrom(first, current)
    if (still < 0 || !this.#areCopiesEqual(first, second, still)) return MOVED
    if (!this.#areCallsKnown(first, still, 2)) return AGREED
    const stack = this.#decodeWalked(first, still)
    if (stack < 0) {
      this.forget()
      return MOVED
    }
    this.#proved.replace(first, still, this.#walk, this.#walkedEnd)
    this.#innermostInstruction = this.#frames.instructionAt(first, this.#proved.innermostPlace)
    this.version++
    this.stack = stack
    return stack
  }

  /** A stack that the first copy alone has, if each call in it is known from proved ones. */
  #recognize(innermost: Address): number {
    const stack = this.#findKnown(this.#newest, innermost)
    if (stack < 0) this.#setRestless(RESTLESS_SAMPLES)
    else this.#rest()
    return stack
  }

  #findKnown(slot: number, innermost: Address): number {
    // Which task a stack belongs to is only known of proved ones.
    if (this.#context.layout.runningTask >= 0) return MOVED
    const still = innermost === 0 ? MOVED : this.#walkFrom(slot, innermost)
    if (still < 0) return MOVED
    if (!this.#areCallsKnown(slot, still, 1)) return UNKNOWN
    // It goes faster beside a proved stack that is more like it.
    if (this.#walk.count > MANY_WALKED) this.#setRestless(Math.max(this.#restless, 2))
    return this.#decodeWalked(slot, still)
  }

  /**
   * Walks from the frame at `innermost` out to the first one that lies still. Returns how many such there are further
   * out, or `MOVED`.
   */
  #walkFrom(slot: number, innermost: Address): number {
    const still = this.#walkOut(slot, innermost, this.#proved.countStill(slot))
    if (still < 0 || still >= this.#proved.sure) return still
    // The copy lacks what was taken for sure, and is not.
    this.#proved.still = still
    this.version++
    return MOVED
  }

  #walkOut(slot: number, innermost: Address, still: number): number {
    const outermost = this.#baseFrame()
    this.#walk.count = 0
    let last = 0
    let next = still - 1
    for (let at = innermost; ; ) {
      // Before 3.15, and in a greenlet, the outermost frame is an entry from C.
      if (at === 0) return this.#frames.isEntryFromC(slot, last) ? 0 : MOVED
      if (at === outermost) return 0
      const place = this.#copies.locate(at)
      if (place < 0) return this.#includeInPlan(at)
      next = this.#proved.skipTo(next, place)
      if (this.#proved.isAt(next, at)) return next + 1
      if (this.#walk.isFull || !this.#frames.isPossible(slot, place)) return MOVED
      last = place
      this.#walk.add(at, place)
      at = this.#frames.previousAt(slot, place)
    }
  }

  #includeInPlan(address: Address): number {
    if (!(Number.isSafeInteger(address) && address > 0)) return MOVED
    this.version++
    const copies = this.#copies
    if (copies.elsewhereCount > 2 * this.#proved.count + MANY_FRAMES_ELSEWHERE) {
      const used = new Set([...this.#proved.addresses, ...this.#walk.addresses.subarray(0, this.#walk.count)])
      copies.keepElsewhere((one) => used.has(one))
      this.forget()
    }
    if (copies.include(address)) this.forget()
    return MOVED
  }

  /** Whether two copies have the same frames beyond the `still` ones, which were compared with the proved stack. */
  #areCopiesEqual(first: number, second: number, still: number): boolean {
    const copies = this.#copies
    const stillEnd = this.#proved.endOf(still)
    // The second copy lacks what was taken for still, and was not.
    if (copies.chunksAt + stillEnd < this.#secondFrom) {
      this.#proved.still = still
      this.version++
      return false
    }
    let end = stillEnd
    for (let index = 0; index < this.#walk.count; index++) {
      const place = this.#walk.places[index] as number
      const innermost = index === 0
      const inChunk = place >= copies.chunksAt
      if (inChunk) end = Math.max(end, place - copies.chunksAt + (innermost ? 0 : this.#frames.bytes))
      if ((innermost || !inChunk) && !this.#frames.isSame(first, second, place, innermost)) return false
    }
    this.#walkedEnd = end
    return copies.isEqual(first, second, this.#secondFrom, copies.chunksAt + end - this.#secondFrom)
  }

  /**
   * Whether each call among the walked frames is known. The frames are evidence themselves: two copies agree on them, or
   * one copy shows some side by side.
   */
  #areCallsKnown(slot: number, still: number, copies: number): boolean {
    const { calls } = this.#context.frames
    let known = true
    let caller = this.#proved.callerOf(still)
    let callerAddress = still > 0 ? (this.#proved.addresses[still - 1] as number) : 0
    for (let index = this.#walk.count - 1; index >= 0; index--) {
      const place = this.#walk.places[index] as number
      const address = this.#walk.addresses[index] as number
      if (!this.#frames.isEntry(slot, place)) {
        const code = this.#frames.codeAt(slot, place)
        if (caller !== 0) {
          if (copies === 2) calls.prove(caller, code)
          else if (this.#areSideBySide(slot, callerAddress, address, place)) calls.see(caller, code)
          if (!calls.isKnown(caller, code)) known = false
        }
        caller = this.#frames.instructionAt(slot, place)
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

  /** The stack of the walked frames, called from the `still` ones, or `MOVED` when one of them is no frame. */
  #decodeWalked(slot: number, still: number): number {
    let stack = this.#proved.stackOf(still)
    for (let index = this.#walk.count - 1; index >= 0; index--) {
      stack = this.#decode(slot, this.#walk.places[index] as number, stack)
      if (stack < 0) return MOVED
      this.#walk.stacks[index] = stack
    }
    return stack
  }

  /** The stack of the frame at `place` called from `parent`, or `MOVED` when there is no such frame. */
  #decode(slot: number, place: number, parent: number): number {
    if (this.#frames.isEntry(slot, place)) return parent
    const frame = this.#findFrame(slot, place)
    if (frame === TORN) return MOVED
    return frame === HIDDEN ? parent : this.#context.stacks.child(parent, frame)
  }

  #findFrame(slot: number, place: number): number {
    const frames = this.#frames
    const { frames: table } = this.#context
    return table.find(frames.codeAt(slot, place), frames.instructionAt(slot, place), frames.ownerAt(slot, place))
  }

  get #second(): number {
    return (this.#first + 1) % SLOTS
  }

  /** Index of the first word of a slot. */
  #base(slot: number): number {
    return (slot * this.#copies.stride) >> 2
  }
}
