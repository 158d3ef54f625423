// What a blocked system call waits for, in words: the file behind a descriptor, the peer of a socket, the length of a
// sleep, a child. All from /proc and from the argument registers; arguments that point into the target's memory are
// read there. What cannot be told is left out, never guessed.

import fs from 'node:fs'
import type { RemoteMemory } from '../memory/remote-memory.js'
import { describeDescriptor } from './descriptors.js'
import type { SystemCall } from './threads.js'

/** More descriptors of one poll than anyone reads. */
const MAX_POLLED = 8
const POLLFD_BYTES = 8

type Describe = (pid: number, memory: RemoteMemory, call: readonly bigint[]) => string | undefined

/** `file /var/log/app.log`, `socket to 10.0.0.7:5432`, `60 s in all`, `child process 123`; undefined if unknown. */
export function describeWaiting(pid: number, memory: RemoteMemory, call: SystemCall): string | undefined {
  return describers[call.name]?.(pid, memory, call.arguments)
}

const byDescriptor: Describe = (pid, _, [descriptor = 0n]) => describeDescriptor(pid, Number(descriptor))

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
  epoll_wait: (pid, _, [descriptor = 0n]) => describeEpoll(pid, Number(descriptor)),
  epoll_pwait: (pid, _, [descriptor = 0n]) => describeEpoll(pid, Number(descriptor)),
  epoll_pwait2: (pid, _, [descriptor = 0n]) => describeEpoll(pid, Number(descriptor)),
  poll: (pid, memory, [array = 0n, count = 0n]) => describePoll(pid, memory, Number(array), Number(count)),
  ppoll: (pid, memory, [array = 0n, count = 0n]) => describePoll(pid, memory, Number(array), Number(count)),
  clock_nanosleep: (_, memory, [, flags = 0n, time = 0n]) => {
    const TIMER_ABSTIME = 1n
    return flags & TIMER_ABSTIME ? 'until a set time' : describeDuration(memory, Number(time))
  },
  nanosleep: (_, memory, [time = 0n]) => describeDuration(memory, Number(time)),
  wait4: (_, __, [pid = 0n]) => describeChild(BigInt.asIntN(32, pid)),
  waitid: (_, __, [kind = 0n, id = 0n]) => (kind === 1n ? `child process ${id}` : 'any child process'),
  futex: () => 'a lock',
}

function describeChild(pid: bigint): string {
  return pid > 0n ? `child process ${pid}` : 'any child process'
}

function describeEpoll(pid: number, descriptor: number): string | undefined {
  try {
    const info = fs.readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')
    const watched = [...info.matchAll(/^tfd:\s*(\d+)/gm)].map(([, fd]) => Number(fd))
    return describeSeveral(pid, watched)
  } catch {
    return undefined
  }
}

function describePoll(pid: number, memory: RemoteMemory, array: number, count: number): string | undefined {
  const [bytes] = memory.readMany([{ address: array, length: Math.min(count, MAX_POLLED + 1) * POLLFD_BYTES }])
  if (bytes === undefined) return undefined
  const descriptors = Array.from({ length: bytes.length / POLLFD_BYTES }, (_, at) =>
    bytes.readInt32LE(at * POLLFD_BYTES),
  )
  return describeSeveral(pid, descriptors)
}

function describeSeveral(pid: number, descriptors: readonly number[]): string {
  const words = descriptors.slice(0, MAX_POLLED).flatMap((descriptor) => describeDescriptor(pid, descriptor) ?? [])
  const more = descriptors.length > MAX_POLLED ? ', …' : ''
  return words.length === 0 ? 'events' : words.join(', ') + more
}

function describeDuration(memory: RemoteMemory, timespec: number): string | undefined {
  const [bytes] = memory.readMany([{ address: timespec, length: 16 }])
  if (bytes === undefined) return undefined
  const seconds = Number(bytes.readBigInt64LE(0)) + Number(bytes.readBigInt64LE(8)) / 1e9
  return `${Number(seconds.toPrecision(6))} s in all`
}
