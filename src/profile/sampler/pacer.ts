// Waits for moments precisely, without burning a core: the kernel's sleep with the least slack wakes some 20 µs late.
// Only for intervals shorter than that can bear, it spins. Blocks its thread, so it belongs in a worker.

import { loadKoffi, loadLibc } from '../../native/koffi.js'

/** Sleeps that end sooner than this are spun through, as no sleep is as short. */
const SHORTEST_SLEEP_MS = 0.04
/** Longer waits can be woken up early, by `Atomics.notify` on the stop word. */
const LONG_WAIT_MS = 20
const PR_SET_TIMERSLACK = 29
const CLOCK_MONOTONIC = 1

type SleepMs = (ms: number) => void

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

function openPreciseSleep(): SleepMs | undefined {
  const [koffi, libc] = [loadKoffi(), loadLibc()]
  if (koffi === undefined || libc === undefined) return undefined
  libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong'])(PR_SET_TIMERSLACK, 1, 0, 0, 0)
  const sleep = libc.func('clock_nanosleep', 'int', ['int', 'int', 'uintptr_t', 'uintptr_t'])
  const timespec = Buffer.allocUnsafeSlow(16)
  const address = Number(koffi.address(timespec))
  return (ms) => {
    // At most LONG_WAIT_MS, so that no whole second is ever reached.
    timespec.writeBigInt64LE(0n, 0)
    timespec.writeUInt32LE(Math.floor(ms * 1e6), 8)
    timespec.writeUInt32LE(0, 12)
    sleep(CLOCK_MONOTONIC, 0, address, 0)
  }
}
