// What a blocked system call waits for, in words: the file behind a descriptor, the peer of a socket, the length of a
// sleep, a child. All from /proc and from the argument registers; arguments that point into the target's memory are
// read there. What cannot be told is left out, never guessed.

import type { RemoteMemory } from '../memory/remote-memory.js'
import { nowMs } from './clock.js'
import type { Descriptors } from './descriptors.js'
import type { SystemCall } from './threads.js'

/** More descriptors of one poll than anyone reads. */
const MAX_POLLED = 8
const POLLFD_BYTES = 8

type Describe = (descriptors: Descriptors, memory: RemoteMemory, call: readonly bigint[]) => string | undefined

/** `file /var/log/app.log`, `socket to 10.0.0.7:5432`, `the end of a sleep, in 12.3 s`, `child process 123`; undefined if unknown. */
export function describeWaiting(descriptors: Descriptors, memory: RemoteMemory, call: SystemCall): string | undefined {
  return describers[call.name]?.(descriptors, memory, call.arguments)
}

const byDescriptor: Describe = (descriptors, _, [descriptor = 0n]) => descriptors.describe(Number(descriptor))

const describers: Readonly<Record<string, Describe>> = {
  read: byDescriptor,
  readv: byDescriptor,
  pread64: byDescriptor,
  write: byDescriptor,
  writev: byDescriptor,
  pwrite64: byDescriptor,
  recvfrom: byDescriptor,
  recvmsg: byDescriptor,
  sendto: byDescriptor,
  sendmsg: byDescriptor,
  accept: byDescriptor,
  accept4: byDescriptor,
  connect: byDescriptor,
  flock: byDescriptor,
  fcntl: byDescriptor,
  fsync: byDescriptor,
  fdatasync: byDescriptor,
  epoll_wait: (descriptors, _, [descriptor = 0n]) => describeEpoll(descriptors, Number(descriptor)),
  epoll_pwait: (descriptors, _, [descriptor = 0n]) => describeEpoll(descriptors, Number(descriptor)),
  epoll_pwait2: (descriptors, _, [descriptor = 0n]) => describeEpoll(descriptors, Number(descriptor)),
  poll: describePoll,
  ppoll: describePoll,
  clock_nanosleep: (_, memory, [clock = 0n, flags = 0n, time = 0n]) => {
    const TIMER_ABSTIME = 1n
    if ((flags & TIMER_ABSTIME) === 0n) return describeDuration(memory, Number(time))
    const CLOCK_MONOTONIC = 1n
    return clock === CLOCK_MONOTONIC ? describeDeadline(memory, Number(time)) : 'a set time'
  },
  nanosleep: (_, memory, [time = 0n]) => describeDuration(memory, Number(time)),
  wait4: (_, __, [pid = 0n]) => describeChild(BigInt.asIntN(32, pid)),
  waitid: (_, __, [kind = 0n, id = 0n]) => (kind === 1n ? `child process ${id}` : 'any child process'),
  futex: () => 'a lock',
}

function describeChild(pid: bigint): string {
  return pid > 0n ? `child process ${pid}` : 'any child process'
}

function describeEpoll(descriptors: Descriptors, descriptor: number): string | undefined {
  const watched = descriptors.readWatched(descriptor)
  return watched && describeSeveral(descriptors, watched)
}

function describePoll(
  descriptors: Descriptors,
  memory: RemoteMemory,
  [array = 0n, count = 0n]: readonly bigint[],
): string | undefined {
  const length = Math.min(Number(count), MAX_POLLED + 1) * POLLFD_BYTES
  const [bytes] = memory.readMany([{ address: Number(array), length }])
  if (bytes === undefined) return undefined
  const polled = Array.from({ length: length / POLLFD_BYTES }, (_, at) => bytes.readInt32LE(at * POLLFD_BYTES))
  return describeSeveral(descriptors, polled)
}

function describeSeveral(descriptors: Descriptors, numbers: readonly number[]): string {
  const words = numbers.slice(0, MAX_POLLED).flatMap((number) => descriptors.describe(number) ?? [])
  const more = numbers.length > MAX_POLLED ? ', …' : ''
  return words.length === 0 ? 'events' : words.join(', ') + more
}

function describeDuration(memory: RemoteMemory, timespec: number): string | undefined {
  const seconds = readTimespec(memory, timespec)
  return seconds === undefined ? undefined : `the end of a sleep of ${Number(seconds.toPrecision(6))} s`
}

function describeDeadline(memory: RemoteMemory, timespec: number): string | undefined {
  const seconds = readTimespec(memory, timespec)
  if (seconds === undefined) return undefined
  return `the end of a sleep, in ${Math.max(seconds - nowMs() / 1000, 0).toFixed(1)} s`
}

function readTimespec(memory: RemoteMemory, address: number): number | undefined {
  const [bytes] = memory.readMany([{ address, length: 16 }])
  return bytes && Number(bytes.readBigInt64LE(0)) + Number(bytes.readBigInt64LE(8)) / 1e9
}
