// Waits for moments precisely, without burning a core: the kernel's sleep with the least slack wakes some 20 µs late.
// Only for intervals shorter than that can bear, it spins. Blocks its thread, so it belongs in a worker.

import { openPreciseSleep, type SleepMs } from '../../../process/precise-sleep.js'

/** Sleeps that end sooner than this are spun through, as no sleep is as short. */
const SHORTEST_SLEEP_MS = 0.04
/** Longer waits can be woken up early, by `Atomics.notify` on the stop word. */
const LONG_WAIT_MS = 20

export class Pacer {
  readonly #stop: Int32Array
  readonly #sleep: SleepMs

  /** `stop`: a shared word that is 0 until the wait is to end. */
  constructor(stop: Int32Array) {
    this.#stop = stop
    this.#sleep = openPreciseSleep() ?? ((ms) => void Atomics.wait(stop, 0, 0, ms))
  }

  get isStopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0
  }

  /** Returns at `time`, or soon after a stop was asked for; times are those of `performance.now`. */
  waitUntil(time: number): void {
    for (let left = time - performance.now(); left > 0 && !this.isStopped; left = time - performance.now()) {
      if (left > LONG_WAIT_MS) Atomics.wait(this.#stop, 0, 0, left - LONG_WAIT_MS / 2)
      else if (left > SHORTEST_SLEEP_MS) this.#sleep(left)
    }
  }
}
