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
  count = 0

  get isFull(): boolean {
    return this.count >= MAX_FRAMES
  }

  add(address: Address, place: number): void {
    if (this.count === this.addresses.length) {
      this.addresses = enlarge(this.addresses)
      this.places = enlarge(this.places)
      this.stacks = enlarge(this.stacks)
    }
    this.addresses[this.count] = address
    this.places[this.count++] = place
  }
}
