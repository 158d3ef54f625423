// A pause that ends some 20 µs late instead of a millisecond: the kernel's sleep, with the least slack that it allows.

import { loadKoffi, loadLibc } from '../native/koffi.js'

const PR_SET_TIMERSLACK = 29
const CLOCK_MONOTONIC = 1

/** Blocks its thread for `ms` milliseconds, less than a second. */
export type SleepMs = (ms: number) => void

/** Sets the slack of this thread, for which alone the pause is precise. Undefined without koffi. */
export function openPreciseSleep(): SleepMs | undefined {
  const [koffi, libc] = [loadKoffi(), loadLibc()]
  if (koffi === undefined || libc === undefined) return undefined
  libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong'])(PR_SET_TIMERSLACK, 1, 0, 0, 0)
  const sleep = libc.func('clock_nanosleep', 'int', ['int', 'int', 'uintptr_t', 'uintptr_t'])
  const timespec = Buffer.allocUnsafeSlow(16)
  const address = Number(koffi.address(timespec))
  return (ms) => {
    timespec.writeBigInt64LE(0n, 0)
    timespec.writeUInt32LE(Math.floor(ms * 1e6), 8)
    timespec.writeUInt32LE(0, 12)
    sleep(CLOCK_MONOTONIC, 0, address, 0)
  }
}
