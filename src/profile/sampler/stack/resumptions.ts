// Who resumes which generator. A chain of generators (`yield from`, `await`, `for`) goes up and down faster than it can
// be copied: of each one the copy says whether it ran at another moment. But as long as a caller loops over a generator,
// or delegates to it, it has that one in the same place of its evaluation stack, run or not. So what was seen once, with
// the caller at the instruction that resumes it, tells who called the generator that a thread was in, as long as the
// caller is in that loop, and has it there. Follows FOR_ITER and SEND of Python/bytecodes.c at v3.14.0 and v3.15.0.

import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { CopiedFrames } from '../copies/copied-frames.js'
import type { StackCopies } from '../copies/stack-copies.js'

/** Those of generators that have ended are forgotten when there are more than these. */
const MAX_RESUMPTIONS = 10_000
const UNIT_BYTES = 2

/** Where a generator was seen to be resumed from. */
export interface Resumption {
  readonly caller: Address
  readonly callerCode: Address
  /** The instruction of the caller that resumes it, and the end of the loop around that, or of its beginning. */
  readonly instruction: Address
  readonly end: Address
  /** Where the caller has the generator, in bytes from its frame's start. */
  readonly at: number
  readonly generator: Address
  readonly code: Address
}

export class Resumptions {
  readonly #runtime: Runtime
  readonly #copies: StackCopies
  readonly #frames: CopiedFrames
  /** By the generator's frame. */
  readonly #seen = new Map<Address, Resumption>()
  /** The ends of loops by the instructions that resume a generator; 0 for instructions that do not. */
  readonly #ends = new Map<Address, Address>()

  constructor(runtime: Runtime, copies: StackCopies, frames: CopiedFrames) {
    this.#runtime = runtime
    this.#copies = copies
    this.#frames = frames
  }

  /** Code objects have been freed, and others may lie in their places. */
  forget(): void {
    this.#seen.clear()
    this.#ends.clear()
  }

  /** Where the generator with this frame is resumed from, if the copy in `slot` says that. */
  find(slot: number, frame: Address): Resumption | undefined {
    const place = this.#copies.locate(frame)
    if (place < 0 || this.#copies.isInNewest(frame)) return undefined
    const known = this.#seen.get(frame)
    const previous = this.#frames.previousAt(slot, place)
    if (previous !== 0 && this.#learn(slot, frame, previous)) return this.#seen.get(frame)
    if (known === undefined || (previous !== 0 && previous !== known.caller)) return undefined
    return this.#frames.codeAt(slot, place) === known.code && this.isHeld(slot, known) ? known : undefined
  }

  /** Whether the generator with this frame was resumed by Python code before, and the copy in `slot` does not say by which now. */
  isLost(slot: number, frame: Address): boolean {
    return this.#seen.has(frame) && this.find(slot, frame) === undefined
  }

  /** Whether the caller is in the same loop over, or delegation to, the same generator. */
  isHeld(slot: number, { caller, callerCode, instruction, end, at, generator }: Resumption): boolean {
    const place = this.#copies.locate(caller)
    if (place < 0 || this.#frames.codeAt(slot, place) !== callerCode) return false
    const now = this.#frames.instructionAt(slot, place)
    return now >= instruction && now < end && this.#frames.holds(slot, place, caller, { at, object: generator })
  }

  /** Whether the caller is at the instruction that resumes the generator. */
  isAtInstruction(slot: number, { caller, instruction }: Resumption): boolean {
    return this.#frames.instructionAt(slot, this.#copies.locate(caller)) === instruction
  }

  #learn(slot: number, frame: Address, caller: Address): boolean {
    const place = this.#copies.locate(caller)
    if (place < 0 || this.#frames.isEntry(slot, place)) return false
    const generator = frame - this.#runtime.offsets.gen_object.gi_iframe
    const at = this.#frames.resumedSlotAt(slot, place, caller)
    if (!this.#frames.holds(slot, place, caller, { at, object: generator })) return false
    const instruction = this.#frames.instructionAt(slot, place)
    const end = this.#endOf(instruction)
    if (end === 0) return false
    const callerCode = this.#frames.codeAt(slot, place)
    const code = this.#frames.codeAt(slot, this.#copies.locate(frame))
    const known = this.#seen.get(frame)
    if (known?.instruction === instruction && known.caller === caller && known.code === code) return true
    if (this.#seen.size >= MAX_RESUMPTIONS) this.#seen.clear()
    this.#seen.set(frame, { caller, callerCode, instruction, end, at, generator, code })
    return true
  }

  #endOf(instruction: Address): Address {
    const known = this.#ends.get(instruction)
    if (known !== undefined) return known
    const { memory, facts } = this.#runtime
    const [bytes] = memory.readMany([{ address: instruction, length: UNIT_BYTES }])
    let end = 0
    // Its argument is how far it jumps, from behind itself and its cache, when the generator has ended.
    if (bytes !== undefined && facts.frames.resuming.has(bytes[0] as number)) {
      end = instruction + (2 + (bytes[1] as number)) * UNIT_BYTES
    }
    this.#ends.set(instruction, end)
    return end
  }
}
