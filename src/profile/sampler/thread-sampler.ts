// The stack of one thread, sample by sample. A copy that equals the last proved one needs no second look; any other is
// believed when a second copy, made right behind it, has the same frames (docs/architecture.md, "True stacks"). Only
// the frames that differ from the sample before are walked and decoded. Nothing here makes an object a sample.

import { OWNED_BY_INTERPRETER } from '../../cpython/frame.js'
import type { Address } from '../../memory/remote-memory.js'
import { type PieceList, pointerOf } from '../../memory/scatter.js'
import { enlarge } from './enlarge.js'
import { HIDDEN, TORN } from './frame-table.js'
import { type FrameWords, frameWordsOf } from './frame-words.js'
import { InnermostFrame } from './innermost-frame.js'
import { SLOTS, StackCopies } from './stack-copies.js'
import type { SampledThread, Surroundings } from './surroundings.js'

/** The thread moved while it was copied, or has moved since the plan was made: copy it again. */
export const MOVED = -1
/** The thread state is not that of this thread any more. */
export const GONE = -2

/** Deeper recursion is not followed. */
const MAX_FRAMES = 100_000
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
  readonly #around: Surroundings
  readonly #copies: StackCopies
  readonly #words: FrameWords
  readonly #innermost: InnermostFrame
  readonly #idLow: number
  readonly #idHigh: number

  /** The slot of the stack that was proved last, and its frames, outermost first. */
  #proved = 0
  /** The slot of the newest copy; a second copy lies in the one behind it. */
  #newest = 1
  #count = 0
  #addresses = new Float64Array(64)
  #places = new Uint32Array(64)
  #stacks = new Uint32Array(64)
  /** Those of them that lie in no chunk, as indexes. */
  #elsewhere = new Uint32Array(64)
  #elsewhereCount = 0
  /** The part of the chunks in which its frames lie, without the innermost frame if that is the last one. */
  #chunksEnd = 0
  /** Where the second copy begins. */
  #secondFrom = 0
  /** How many of the frames, the outermost ones, have lain still from sample to sample. */
  #still = 0
  /** As many of them were taken for sure when the copy was planned: if they have changed, it lacks something. */
  #sureFrames = 0
  #restless = RESTLESS_SAMPLES
  /** Frames found by a walk, innermost first. */
  #walked = 0
  #walkedAddresses = new Float64Array(64)
  #walkedPlaces = new Uint32Array(64)
  /** As `#chunksEnd`, of the frames that were walked. */
  #walkedEnd = 0
  #innermostInstruction = 0

  /** The stack of the last sample. */
  stack = 0
  /** Changes when the pieces that `addPieces` added would now be others. */
  version = 0

  constructor(thread: SampledThread, around: Surroundings) {
    this.thread = thread
    this.#around = around
    this.#copies = new StackCopies(around.reader, around.runtime, around.layout, thread.address)
    this.#words = frameWordsOf(around.runtime)
    this.#innermost = new InnermostFrame(this.#copies, this.#words, around.frames)
    this.#idLow = Number(thread.id & 0xffffffffn)
    this.#idHigh = Number(thread.id >> 32n)
  }

  /** Whether the next sample should be copied twice at once. */
  get isRestless(): boolean {
    return this.#restless > 0
  }

  /** Adds one copy or two, one behind the other. */
  addPieces(pieces: PieceList, copies: number): void {
    this.#newest = (this.#proved + 1) % SLOTS
    const entries = this.#findSureEntries()
    this.#copies.addPieces(pieces, this.#newest, entries)
    // What surely lies still is compared with the proved stack, and needs no second copy.
    this.#secondFrom = this.#copies.chunkStart(this.#copies.chunksAt + this.#endOf(Math.min(this.#still, this.#count)))
    if (copies === 2) this.#copies.addPieces(pieces, this.#second, entries, this.#secondFrom)
  }

  /**
   * The entries from C which need no copy: as long as the frame that was called through one lies still, so does it.
   */
  #findSureEntries(): ReadonlySet<Address> {
    this.#sureFrames = 0
    const entries = new Set<Address>()
    for (let index = 0; index < Math.min(this.#still, this.#count) - 1; index++) {
      if (!this.#isEntry(this.#proved, this.#places[index] as number)) continue
      entries.add(this.#addresses[index] as Address)
      this.#sureFrames = index + 2
    }
    return entries
  }

  /** A copy could not be read: something that was planned for is not there any more. */
  reset(): void {
    this.#copies.reset()
    this.version++
    this.forget()
  }

  /** The next sample is decoded as a whole. */
  forget(): void {
    this.#count = 0
    this.#still = 0
    if (this.#sureFrames > 0) this.version++
  }

  /** A 32-bit word of the thread state in the newest copy. */
  word(index: number): number {
    return this.#copies.buffer.words[this.#base(this.#newest) + index] as number
  }

  /** A pointer of the thread state in the newest copy. */
  pointer(index: number): Address {
    return pointerOf(this.#copies.buffer.words, this.#base(this.#newest) + index)
  }

  /** The stack that `copies` copies have: its index in the tree, or `MOVED`, or `GONE`. */
  examine(copies: number): number {
    const { layout, interpreter } = this.#around
    if (this.pointer(layout.interpreter) !== interpreter || !this.#isSameThread()) return GONE
    const current = this.pointer(layout.currentFrame)
    if (current === 0 || current === this.#baseFrame()) return this.#acceptEmpty()
    if (this.#isPlanVoid()) return MOVED
    if (this.#isUnchanged(current)) return this.#acceptUnchanged()
    const version = this.version
    const stack = copies < 2 ? MOVED : this.#examineTwice(current)
    if (stack !== MOVED || this.version !== version) return stack
    return this.#recognize(current)
  }

  /** The part of the last stack from the frame at `outermost` inwards, as a stack of its own. */
  stackFrom(outermost: Address): number | undefined {
    const index = this.#addresses.subarray(0, this.#count).indexOf(outermost)
    if (index < 0) return undefined
    return this.#around.stacks.withoutRoot(this.stack, index === 0 ? 0 : (this.#stacks[index - 1] as number))
  }

  #isSameThread(): boolean {
    const { layout } = this.#around
    const { nativeId } = this.thread
    return (
      (this.word(layout.status) & ENDING) === 0 &&
      this.word(layout.nativeId) === nativeId &&
      this.word(layout.threadId) === this.#idLow &&
      this.word(layout.threadId + 1) === this.#idHigh
    )
  }

  #baseFrame(): Address {
    const { baseFrame } = this.#around.layout
    return baseFrame < 0 ? 0 : this.pointer(baseFrame)
  }

  #rest(): void {
    if (this.#restless > 0) this.#restless--
  }

  #acceptEmpty(): number {
    this.forget()
    this.#rest()
    this.stack = 0
    return 0
  }

  /** Whether the stack goes on where nothing was copied. */
  #isPlanVoid(): boolean {
    const { layout } = this.#around
    const [chunk, top] = [this.pointer(layout.chunk), this.pointer(layout.chunkTop)]
    if (this.#copies.fits(this.#newest, chunk, top)) return false
    if (this.#copies.follow(chunk, top)) this.forget()
    this.version++
    return true
  }

  /** Whether the copy has the frames of the proved stack; the innermost instruction may be another one. */
  #isUnchanged(current: Address): boolean {
    const top = this.#count - 1
    if (top < 0 || this.#addresses[top] !== current) return false
    const [slot, copies] = [this.#newest, this.#copies]
    if (!copies.isEqual(this.#proved, slot, copies.chunksAt, this.#chunksEnd)) return false
    return this.#areEqualElsewhere(this.#proved, slot, this.#count)
  }

  /** The frames of the proved stack that lie in no chunk, up to `count`, and the innermost one wherever it is. */
  #areEqualElsewhere(a: number, b: number, count: number): boolean {
    if (count === this.#count && !this.#isSameFrame(a, b, this.#places[count - 1] as number, true)) return false
    const end = Math.min(count, this.#count - 1)
    for (let at = 0; at < this.#elsewhereCount; at++) {
      const index = this.#elsewhere[at] as number
      if (index >= end) return true
      const place = this.#places[index] as number
      if (index < this.#sureFrames - 1 && this.#isEntry(this.#proved, place)) continue
      if (!this.#isSameFrame(a, b, place, false)) return false
    }
    return true
  }

  #isSameFrame(slotA: number, slotB: number, place: number, innermost: boolean): boolean {
    const { words } = this.#copies.buffer
    const { code, previous, instruction, owner } = this.#words
    const a = this.#base(slotA) + (place >> 2)
    const b = this.#base(slotB) + (place >> 2)
    return (
      words[a + code] === words[b + code] &&
      words[a + code + 1] === words[b + code + 1] &&
      words[a + previous] === words[b + previous] &&
      words[a + previous + 1] === words[b + previous + 1] &&
      (((words[a + owner] as number) ^ (words[b + owner] as number)) & this.#words.ownerMask) === 0 &&
      (innermost ||
        (words[a + instruction] === words[b + instruction] &&
          words[a + instruction + 1] === words[b + instruction + 1]))
    )
  }

  #acceptUnchanged(): number {
    this.#rest()
    const place = this.#places[this.#count - 1] as number
    const at = this.#base(this.#newest) + (place >> 2)
    const instruction = pointerOf(this.#copies.buffer.words, at + this.#words.instruction)
    if (instruction === this.#innermostInstruction) return this.stack
    const stack = this.#decode(this.#newest, place, this.#count < 2 ? 0 : (this.#stacks[this.#count - 2] as number))
    if (stack < 0) return MOVED
    this.#stacks[this.#count - 1] = stack
    this.#innermostInstruction = instruction
    this.stack = stack
    return stack
  }

  /** A stack that two copies agree on. */
  #examineTwice(current: Address): number {
    const [first, second] = [this.#newest, this.#second]
    const layout = this.#around.layout
    const base = this.#base(second)
    const { words } = this.#copies.buffer
    if (pointerOf(words, base + layout.currentFrame) !== current) return MOVED
    if (pointerOf(words, base + layout.chunk) !== this.pointer(layout.chunk)) return MOVED
    const stillThere = this.#findStill(first)
    const found = stillThere < 0 ? MOVED : this.#walk(first, current, stillThere)
    if (found < 0 || !this.#areCopiesEqual(first, second, found)) return MOVED
    return this.#proveCalls(first, found) ? this.#decodeWalked(first, found) : MOVED
  }

  /** A stack that the first copy alone has, if each call in it is known from proved ones. */
  #recognize(current: Address): number {
    const stack = this.#findKnown(this.#newest, current)
    if (stack === MOVED) this.#restless = RESTLESS_SAMPLES
    else this.#rest()
    return stack
  }

  #findKnown(slot: number, current: Address): number {
    const { layout, frames, stacks } = this.#around
    // Which task a stack belongs to is only known of proved ones.
    if (layout.runningTask >= 0) return MOVED
    const stillThere = this.#findStill(slot)
    if (stillThere < 0) return MOVED
    const innermost = this.#innermost.find(slot, current)
    if (innermost === 0) return MOVED
    const still = this.#walk(slot, innermost, stillThere)
    if (still < 0) return MOVED
    // It goes faster beside a proved stack that is more like it.
    if (this.#walked > MANY_WALKED) this.#restless = Math.max(this.#restless, 2)
    let stack = still === 0 ? 0 : (this.#stacks[still - 1] as number)
    let caller = this.#callerOf(still)
    for (let from = this.#walked - 1; from >= 0; from--) {
      const place = this.#walkedPlaces[from] as number
      if (this.#isEntry(slot, place)) continue
      if (caller !== 0 && !frames.calls.isProved(caller, this.#codeAt(slot, place))) return MOVED
      const index = this.#findFrame(slot, place)
      if (index === TORN) return MOVED
      if (index !== HIDDEN) stack = stacks.child(stack, index)
      caller = this.#instructionAt(slot, place)
    }
    return stack
  }

  /** How many of the proved frames, from the outermost, surely lie there as they did; `MOVED` if the copy lacks some. */
  #findStill(slot: number): number {
    if (this.#count < this.#sureFrames) return MOVED
    const guess = Math.min(this.#still, this.#count - 1)
    if (guess >= this.#sureFrames && this.#areStill(slot, guess)) return guess
    // Half of what was still the last time is worth a second comparison, when it is much.
    const still = guess > 32 && this.#areStill(slot, guess >> 1) ? guess >> 1 : 0
    if (still >= this.#sureFrames || this.#areStill(slot, this.#sureFrames)) return Math.max(still, this.#sureFrames)
    this.#still = 0
    this.version++
    return MOVED
  }

  #areStill(slot: number, count: number): boolean {
    return (
      count > 0 &&
      this.#copies.isEqual(this.#proved, slot, this.#copies.chunksAt, this.#endOf(count)) &&
      this.#areEqualElsewhere(this.#proved, slot, count)
    )
  }

  /** The end of the innermost of `count` frames in the chunks, from the start of the chunks. */
  #endOf(count: number): number {
    const { chunksAt } = this.#copies
    for (let index = count - 1; index >= 0; index--) {
      const place = this.#places[index] as number
      if (place >= chunksAt) return place - chunksAt + this.#words.bytes
    }
    return 0
  }

  /**
   * From the innermost frame out to the first of the `still` ones that it meets, or to the thread's base. Returns how
   * many of the still ones are further out than what was walked.
   */
  #walk(slot: number, current: Address, still: number): number {
    const { words } = this.#copies.buffer
    const { code, previous, owner } = this.#words
    const [base, outermost] = [this.#base(slot), this.#baseFrame()]
    this.#walked = 0
    let lastOwner = 0
    let next = still - 1
    for (let at = current; at !== outermost; ) {
      // Before 3.15 the outermost frame is an entry from C.
      if (at === 0) return outermost === 0 && lastOwner >= OWNED_BY_INTERPRETER ? 0 : MOVED
      const place = this.#copies.locate(at)
      if (place < 0) return this.#includeInPlan(at)
      next = this.#skipInner(next, place)
      if (next >= 0 && this.#addresses[next] === at) return next + 1
      const word = base + (place >> 2)
      lastOwner = ((words[word + owner] as number) >>> this.#words.ownerShift) & 0xff
      if (lastOwner > this.#words.maxOwner || ((words[word + code] as number) & 3) > 1) return MOVED
      if (this.#walked >= MAX_FRAMES) return MOVED
      this.#note(at, place)
      at = pointerOf(words, word + previous)
    }
    return 0
  }

  /** Passes over the proved frames from `index` outwards that lie further in than `place`. */
  #skipInner(index: number, place: number): number {
    if (place < this.#copies.chunksAt) return index
    let at = index
    while (at >= 0 && (this.#places[at] as number) > place) at--
    return at
  }

  #includeInPlan(address: Address): number {
    if (!(Number.isSafeInteger(address) && address > 0)) return MOVED
    this.version++
    const copies = this.#copies
    if (copies.elsewhereCount > 2 * this.#count + MANY_FRAMES_ELSEWHERE) {
      const used = new Set([
        ...this.#addresses.subarray(0, this.#count),
        ...this.#walkedAddresses.subarray(0, this.#walked),
      ])
      copies.keepElsewhere((one) => used.has(one))
      this.forget()
    }
    if (copies.include(address)) this.forget()
    return MOVED
  }

  #note(address: Address, place: number): void {
    if (this.#walked === this.#walkedAddresses.length) {
      this.#walkedAddresses = enlarge(this.#walkedAddresses)
      this.#walkedPlaces = enlarge(this.#walkedPlaces)
    }
    this.#walkedAddresses[this.#walked] = address
    this.#walkedPlaces[this.#walked++] = place
  }

  /** Whether two copies have the same frames beyond the `still` ones, which were compared with the proved stack. */
  #areCopiesEqual(first: number, second: number, still: number): boolean {
    const copies = this.#copies
    const stillEnd = this.#endOf(still)
    // The second copy lacks what was taken for still, and was not.
    if (copies.chunksAt + stillEnd < this.#secondFrom) {
      this.#still = still
      this.version++
      return false
    }
    let end = stillEnd
    for (let index = 0; index < this.#walked; index++) {
      const place = this.#walkedPlaces[index] as number
      const innermost = index === 0
      const inChunk = place >= copies.chunksAt
      if (inChunk) end = Math.max(end, place - copies.chunksAt + (innermost ? 0 : this.#words.bytes))
      if ((innermost || !inChunk) && !this.#isSameFrame(first, second, place, innermost)) return false
    }
    this.#walkedEnd = end
    return copies.isEqual(first, second, this.#secondFrom, copies.chunksAt + end - this.#secondFrom)
  }

  /** Whether each call among the walked frames has been seen often enough, this time included. */
  #proveCalls(slot: number, still: number): boolean {
    const { calls } = this.#around.frames
    let known = true
    let caller = this.#callerOf(still)
    for (let from = this.#walked - 1; from >= 0; from--) {
      const place = this.#walkedPlaces[from] as number
      if (this.#isEntry(slot, place)) continue
      if (caller !== 0 && !calls.prove(caller, this.#codeAt(slot, place))) known = false
      caller = this.#instructionAt(slot, place)
    }
    return known
  }

  #decodeWalked(slot: number, still: number): number {
    const count = still + this.#walked
    while (this.#addresses.length < count) {
      this.#addresses = enlarge(this.#addresses)
      this.#places = enlarge(this.#places)
      this.#stacks = enlarge(this.#stacks)
      this.#elsewhere = enlarge(this.#elsewhere)
    }
    for (let at = 0; at < this.#elsewhereCount; at++) {
      if ((this.#elsewhere[at] as number) >= still) this.#elsewhereCount = at
    }
    // Frames that turn out to be the same as before were still, although nobody had guessed so.
    let same = still
    let stack = still === 0 ? 0 : (this.#stacks[still - 1] as number)
    for (let index = still; index < count; index++) {
      const from = this.#walked - 1 - (index - still)
      const place = this.#walkedPlaces[from] as number
      stack = this.#decode(slot, place, stack)
      if (stack < 0) {
        this.forget()
        return MOVED
      }
      const address = this.#walkedAddresses[from] as number
      if (
        same === index &&
        index < this.#count &&
        this.#addresses[index] === address &&
        this.#stacks[index] === stack
      ) {
        same++
      }
      this.#addresses[index] = address
      this.#places[index] = place
      if (place < this.#copies.chunksAt) this.#elsewhere[this.#elsewhereCount++] = index
      this.#stacks[index] = stack
    }
    this.#keepSureEntries(slot)
    this.#still = Math.min(same, count - 1)
    this.#count = count
    this.#proved = slot
    this.#chunksEnd = this.#walkedEnd
    this.version++
    const innermost = this.#base(slot) + ((this.#places[count - 1] as number) >> 2)
    this.#innermostInstruction = pointerOf(this.#copies.buffer.words, innermost + this.#words.instruction)
    this.stack = stack
    return stack
  }

  /** The entries that the copy in `slot` lacks are as they were in the proved one. */
  #keepSureEntries(slot: number): void {
    const { words } = this.#copies.buffer
    for (let index = 0; index < this.#sureFrames - 1; index++) {
      const place = this.#places[index] as number
      if (!this.#isEntry(this.#proved, place)) continue
      const at = this.#base(this.#proved) + (place >> 2)
      words.copyWithin(this.#base(slot) + (place >> 2), at, at + (this.#words.bytes >> 2))
    }
  }

  /** The stack of the frame at `place` called from `parent`; negative when there is no such frame. */
  #decode(slot: number, place: number, parent: number): number {
    if (this.#isEntry(slot, place)) return parent
    const frame = this.#findFrame(slot, place)
    if (frame === TORN) return MOVED
    return frame === HIDDEN ? parent : this.#around.stacks.child(parent, frame)
  }

  /** Where the innermost of the `still` proved frames that runs Python code has called; 0 when there is none. */
  #callerOf(still: number): Address {
    for (let index = still - 1; index >= 0; index--) {
      const place = this.#places[index] as number
      if (!this.#isEntry(this.#proved, place)) return this.#instructionAt(this.#proved, place)
    }
    return 0
  }

  #findFrame(slot: number, place: number): number {
    const owner = this.#ownerAt(slot, place)
    return this.#around.frames.find(this.#codeAt(slot, place), this.#instructionAt(slot, place), owner)
  }

  /** Whether the frame is no more than the mark of an entry from C. */
  #isEntry(slot: number, place: number): boolean {
    return this.#ownerAt(slot, place) >= OWNED_BY_INTERPRETER
  }

  #ownerAt(slot: number, place: number): number {
    const word = this.#copies.buffer.words[this.#base(slot) + (place >> 2) + this.#words.owner] as number
    return (word >>> this.#words.ownerShift) & 0xff
  }

  #codeAt(slot: number, place: number): Address {
    const tagged = pointerOf(this.#copies.buffer.words, this.#base(slot) + (place >> 2) + this.#words.code)
    return tagged - (tagged & 3)
  }

  #instructionAt(slot: number, place: number): Address {
    return pointerOf(this.#copies.buffer.words, this.#base(slot) + (place >> 2) + this.#words.instruction)
  }

  get #second(): number {
    return (this.#newest + 1) % SLOTS
  }

  /** Index of the first word of a slot. */
  #base(slot: number): number {
    return (slot * this.#copies.stride) >> 2
  }
}
