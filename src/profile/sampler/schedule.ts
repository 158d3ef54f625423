// When rounds are due: one in each interval, at a random moment of it. The rate is exact over any span of time, and each
// moment of the program is as likely to be seen as any other, also by a program whose turns are in step with the rate.

import { spread } from './spread.js'

const TWO_32 = 2 ** 32

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
   * The moment of the next round, after one that ended at `nowUs`. It may have passed already, if both lie close together;
   * intervals that have passed as a whole are left out.
   */
  next(nowUs: number): number {
    this.#interval = Math.max(this.#interval + 1, Math.floor(nowUs / this.#intervalUs))
    return (this.#interval + spread(this.#seed, this.#interval) / TWO_32) * this.#intervalUs
  }
}
