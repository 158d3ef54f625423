// When a blocked system call ends by itself: the time-out among its arguments. A limit that counts from the start of
// the call is told whole, as nobody outside knows when it began; one that names a moment gives what remains.

import type { RemoteMemory } from '../../memory/remote-memory.js'
import { nowMs } from '../clock.js'
import type { SystemCall } from './threads.js'

export interface TimeLimit {
  readonly ms: number
  /** Whether `ms` counts from now; else it counts from the start of the call, and less may remain. */
  readonly remaining: boolean
}

/** No clock has come that far, and nothing waits as long: some 300 years. An address read as a time is more. */
const MAX_SECONDS = 10_000_000_000n

/** Undefined for a call without a limit, or with one that cannot be told. */
export function readTimeLimit(memory: RemoteMemory, { name, arguments: args }: SystemCall): TimeLimit | undefined {
  const at = (index: number): number => Number(args[index] ?? 0n)
  switch (name) {
    case 'nanosleep':
      return durationAt(memory, at(0))
    case 'clock_nanosleep': {
      const TIMER_ABSTIME = 1
      return (at(1) & TIMER_ABSTIME) === 0 ? durationAt(memory, at(2)) : momentAt(memory, at(2), at(0))
    }
    case 'poll':
      return milliseconds(args[2])
    case 'epoll_wait':
    case 'epoll_pwait':
      return milliseconds(args[3])
    case 'ppoll':
    case 'rt_sigtimedwait':
      return durationAt(memory, at(2))
    case 'epoll_pwait2':
      return durationAt(memory, at(3))
    case 'pselect6':
      return durationAt(memory, at(4))
    case 'futex':
      return readFutexLimit(memory, at(1), at(3))
    default:
      return undefined
  }
}

const CLOCK_REALTIME = 0
const CLOCK_MONOTONIC = 1

/** FUTEX_WAIT counts from its start, FUTEX_WAIT_BITSET names a moment. Follows futex(2). */
function readFutexLimit(memory: RemoteMemory, operation: number, time: number): TimeLimit | undefined {
  const [FUTEX_WAIT, FUTEX_WAIT_BITSET, COMMAND, FUTEX_CLOCK_REALTIME] = [0, 9, 0x7f, 0x100]
  const command = operation & COMMAND
  if (command === FUTEX_WAIT) return durationAt(memory, time)
  if (command !== FUTEX_WAIT_BITSET) return undefined
  return momentAt(memory, time, (operation & FUTEX_CLOCK_REALTIME) === 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME)
}

/** Of a C `int`: negative for no limit. */
function milliseconds(argument = -1n): TimeLimit | undefined {
  const ms = Number(BigInt.asIntN(32, argument))
  return ms < 0 ? undefined : { ms, remaining: false }
}

function durationAt(memory: RemoteMemory, timespec: number): TimeLimit | undefined {
  const ms = readTimespec(memory, timespec)
  return ms === undefined ? undefined : { ms, remaining: false }
}

function momentAt(memory: RemoteMemory, timespec: number, clock: number): TimeLimit | undefined {
  const ms = readTimespec(memory, timespec)
  if (ms === undefined || (clock !== CLOCK_MONOTONIC && clock !== CLOCK_REALTIME)) return undefined
  return { ms: Math.max(ms - (clock === CLOCK_MONOTONIC ? nowMs() : Date.now()), 0), remaining: true }
}

/** In milliseconds; undefined for a null pointer, and for what was read of a stack that has moved on since. */
function readTimespec(memory: RemoteMemory, address: number): number | undefined {
  const [bytes] = address === 0 ? [] : memory.readMany([{ address, length: 16 }])
  if (bytes === undefined) return undefined
  const [seconds, nanoseconds] = [bytes.readBigInt64LE(0), bytes.readBigInt64LE(8)]
  const isPlausible = seconds >= 0n && seconds <= MAX_SECONDS && nanoseconds >= 0n && nanoseconds < 1_000_000_000n
  return isPlausible ? Number(seconds) * 1000 + Number(nanoseconds) / 1e6 : undefined
}
