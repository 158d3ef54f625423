// What a blocked system call waits for, in words: the file behind a descriptor, the peer of a socket, the length of a
// sleep, a child. All from /proc and from the argument registers; arguments that point into the target's memory are
// read there. What cannot be told is left out, never guessed. When it ends by itself is told by `time-limit.ts`.

import type { RemoteMemory } from '../../memory/remote-memory.js'
import type { Descriptors } from '../descriptors.js'
import type { SystemCall } from './threads.js'
import { readTimeLimit } from './time-limit.js'

/** More descriptors of one poll than anyone reads. */
const MAX_POLLED = 8
const POLLFD_BYTES = 8
/** Size of an `fd_set` in bits: select takes no higher descriptor. */
const MAX_SELECTED = 1024
/** A longer path is cut. */
const MAX_PATH_BYTES = 256

type Describe = (descriptors: Descriptors, memory: RemoteMemory, call: readonly bigint[]) => string | undefined

/** `file /var/log/app.log`, `socket to 10.0.0.7:5432`, `the end of a sleep, in 12.3 s`, `child process 123`; undefined if unknown. */
export function describeWaiting(descriptors: Descriptors, memory: RemoteMemory, call: SystemCall): string | undefined {
  if (call.name === 'clock_nanosleep' || call.name === 'nanosleep') return describeSleep(memory, call)
  return describers[call.name]?.(descriptors, memory, call.arguments)
}

function describeSleep(memory: RemoteMemory, call: SystemCall): string | undefined {
  const limit = readTimeLimit(memory, call)
  if (limit === undefined) return call.name === 'clock_nanosleep' ? 'a set time' : undefined
  const seconds = limit.ms / 1000
  if (limit.remaining) return `the end of a sleep, in ${seconds.toFixed(1)} s`
  return `the end of a sleep of ${Number(seconds.toPrecision(6))} s`
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
  select: describeSelect,
  pselect6: describeSelect,
  openat: (_, memory, [, path = 0n]) => describePath(memory, Number(path)),
  open: (_, memory, [path = 0n]) => describePath(memory, Number(path)),
  pause: () => 'a signal',
  rt_sigtimedwait: () => 'a signal',
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

/** The sets of select are bits, by descriptor: for reading, writing and exceptions. */
function describeSelect(
  descriptors: Descriptors,
  memory: RemoteMemory,
  [count = 0n, ...sets]: readonly bigint[],
): string | undefined {
  const length = Math.ceil(Math.min(Number(count), MAX_SELECTED) / 8)
  const present = sets.slice(0, 3).filter((set) => set !== 0n)
  if (length === 0 || present.length === 0) return undefined
  const bitmaps = memory.readMany(present.map((set) => ({ address: Number(set), length })))
  const isSelected = (descriptor: number): boolean =>
    bitmaps.some((bits) => (((bits?.[descriptor >> 3] ?? 0) >> (descriptor & 7)) & 1) === 1)
  const selected = Array.from({ length: length * 8 }, (_, descriptor) => descriptor).filter(isSelected)
  return describeSeveral(descriptors, selected)
}

function describePath(memory: RemoteMemory, address: number): string | undefined {
  const [bytes] = memory.readMany([{ address, length: MAX_PATH_BYTES }])
  const end = bytes?.indexOf(0) ?? -1
  return end < 0 ? undefined : `file ${bytes?.toString('utf8', 0, end)}`
}
