// The frames that a walk from the innermost one outwards has met, in arrays that stay.

import type { Address } from '../../../memory/remote-memory.js'
import { enlarge } from '../../tables/enlarge.js'

/** Deeper recursion is not followed. */
const MAX_FRAMES = 100_000

export class WalkedFrames {
  /** Innermost first. */
  addresses = new Float64Array(64)
  /** Where in a slot, in bytes. */
  places = new Uint32Array(64)
  /** The stack that each frame ends, once it has been decoded. */
  stacks = new Uint32Array(64)
  /** The caller's instruction that resumes the frame, a generator's, if it was not taken from the caller's frame; else 0. */
  resumedFrom = new Float64Array(64)
  count = 0

  get isFull(): boolean {
    return this.count >= MAX_FRAMES
  }

  /** Whether the innermost one is a generator's, and its caller is known without the caller's frame. */
  get hasResumed(): boolean {
    return this.count > 0 && this.resumedFrom[0] !== 0
  }

  add(address: Address, place: number, resumedFrom: Address): void {
    if (this.count === this.addresses.length) {
      this.addresses = enlarge(this.addresses)
      this.places = enlarge(this.places)
      this.stacks = enlarge(this.stacks)
      this.resumedFrom = enlarge(this.resumedFrom)
    }
    this.addresses[this.count] = address
    this.resumedFrom[this.count] = resumedFrom
    this.places[this.count++] = place
  }
}
