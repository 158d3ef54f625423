// When rounds are due: one in each interval, at a random moment of it. The rate is exact over any span of time, and each
// moment of the program is as likely to be seen as any other, also by a program whose turns are in step with the rate.
// A round that was slept through is made up for at once, unless so much time has passed that it would tell another story.

import { hashPair } from '../../tables/hash-pair.js'

const TWO_32 = 2 ** 32
/** An interval that is over for longer has no round any more: after a long stop there is no burst of rounds. */
const MADE_UP_FOR_US = 100_000

export class Schedule {
  readonly #intervalUs: number
  readonly #seed: number
  #interval = -1

  /** The same seed gives the same moments. */
  constructor(intervalUs: number, seed: number) {
    this.#intervalUs = intervalUs
    this.#seed = seed
  }

  /**
   * The moment of the next round, after one that ended at `nowUs`. It may have passed already: then it is late, and others
   * that are may follow it.
   */
  next(nowUs: number): number {
    this.#interval = Math.max(this.#interval + 1, Math.floor((nowUs - MADE_UP_FOR_US) / this.#intervalUs))
    return (this.#interval + hashPair(this.#seed, this.#interval) / TWO_32) * this.#intervalUs
  }
}
