// The operating system's view of a process's threads: their ids on both sides of a PID namespace, their state, and
// the system call in which each one sits. The numbers of system calls differ by architecture; only those in which
// a Python program waits have names here, the others show as `syscall N`.

import fs from 'node:fs'
import { ARCHITECTURE } from '../../native/machine.js'
import { readSmallFile } from '../proc-file-cache.js'
import { type ProcessStatus, parseStatus } from '../status.js'

/** One system call in progress, from /proc/PID/task/TID/syscall. */
export interface SystemCall {
  readonly number: number
  readonly name: string
  /** The six argument registers. */
  readonly arguments: readonly bigint[]
  readonly stackPointer: bigint
  readonly programCounter: bigint
}

/** `'running'` when the thread is on a CPU or waits for one, undefined when it may not be read. */
export type ThreadActivity = SystemCall | 'running' | undefined

/** @param read How to read the file: through `ProcFileCache` by who looks again and again. */
export function readActivity(pid: number, tid: number, read = readSmallFile): ThreadActivity {
  const text = read(`/proc/${pid}/task/${tid}/syscall`)
  return text === undefined ? undefined : parseActivity(text)
}

export function parseActivity(text: string, architecture: string = ARCHITECTURE): ThreadActivity {
  const fields = text.trim().split(' ')
  if (fields[0] === 'running') return 'running'
  const number = Number(fields[0])
  // -1 is a thread that the kernel has blocked outside a system call, in a page fault for instance.
  if (!Number.isInteger(number) || number < 0 || fields.length < 9) return undefined
  const registers = fields.slice(1).map((field) => BigInt(field))
  return {
    number,
    name: systemCallNames[architecture]?.[number] ?? `syscall ${number}`,
    arguments: registers.slice(0, 6),
    stackPointer: registers[6] as bigint,
    programCounter: registers[7] as bigint,
  }
}

/** The state letter of one thread (see `ProcessStatus.state`), or undefined when the thread has gone. */
export function readThreadState(pid: number, tid: number, read = readSmallFile): string | undefined {
  const stat = read(`/proc/${pid}/task/${tid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
}

/** How often the thread has left a CPU since it began: unchanged for one that has not run in between. */
export function readSwitchCount(pid: number, tid: number): number | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8')
    const counts = [...text.matchAll(/^(?:non)?voluntary_ctxt_switches:\s*(\d+)$/gm)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0)
  } catch {
    return undefined
  }
}

/**
 * Nanoseconds that the thread has been on a CPU, counted up to its last turn or the last tick of its clock. Undefined when
 * the thread has gone, or the kernel does not count.
 */
export function readCpuTime(pid: number, tid: number): string | undefined {
  return readSmallFile(`/proc/${pid}/task/${tid}/schedstat`)?.split(' ', 1)[0]
}

/** The name the kernel has for a thread, at most 15 bytes; CPython sets it from `Thread.name` since 3.14. */
export function readThreadComm(pid: number, tid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}

export function threadExists(pid: number, tid: number): boolean {
  return fs.existsSync(`/proc/${pid}/task/${tid}`)
}

/**
 * From the thread id that the target itself sees (in its innermost PID namespace, what `threading.get_native_id()`
 * returns there) to the id that this process has to use. The two differ only across PID namespaces.
 */
export function threadIdMapper({ pid, ownPidNamespace }: ProcessStatus): (innerId: number) => number {
  if (!ownPidNamespace) return (id) => id
  const ids = readThreadIds(pid)
  return (id) => ids.get(id) ?? id
}

/**
 * The id of the main thread, as the target sees it, where Python says `id` and the ids `others` of all other threads. A
 * process that was forked in C, of which Python was not told, has its parent's there: of its threads, one has gone on.
 */
export function findMainThreadId(
  { pid, innerPid, ownPidNamespace }: ProcessStatus,
  id: number,
  others: number[],
): number {
  if (id === innerPid || others.includes(innerPid)) return id
  const ids = new Set(ownPidNamespace ? readThreadIds(pid).keys() : fs.readdirSync(`/proc/${pid}/task`).map(Number))
  // With another one that is not there, either could be the one that has gone on.
  return ids.has(id) || others.some((other) => !ids.has(other)) ? id : innerPid
}

/** Thread ids of this process's namespace by those of the target's. */
export function readThreadIds(pid: number): Map<number, number> {
  const ids = new Map<number, number>()
  for (const entry of fs.readdirSync(`/proc/${pid}/task`)) {
    const tid = Number(entry)
    try {
      ids.set(parseStatus(tid, fs.readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8')).innerPid, tid)
    } catch {
      // The thread ended between the listing and the look at it.
    }
  }
  return ids
}

const systemCallNames: Record<string, Record<number, string>> = {
  x64: {
    0: 'read',
    1: 'write',
    2: 'open',
    7: 'poll',
    17: 'pread64',
    18: 'pwrite64',
    19: 'readv',
    20: 'writev',
    23: 'select',
    34: 'pause',
    35: 'nanosleep',
    42: 'connect',
    43: 'accept',
    44: 'sendto',
    45: 'recvfrom',
    46: 'sendmsg',
    47: 'recvmsg',
    61: 'wait4',
    72: 'fcntl',
    73: 'flock',
    74: 'fsync',
    75: 'fdatasync',
    128: 'rt_sigtimedwait',
    202: 'futex',
    219: 'restart_syscall',
    230: 'clock_nanosleep',
    232: 'epoll_wait',
    247: 'waitid',
    257: 'openat',
    270: 'pselect6',
    271: 'ppoll',
    281: 'epoll_pwait',
    288: 'accept4',
    441: 'epoll_pwait2',
  },
  arm64: {
    22: 'epoll_pwait',
    25: 'fcntl',
    32: 'flock',
    56: 'openat',
    63: 'read',
    64: 'write',
    65: 'readv',
    66: 'writev',
    67: 'pread64',
    68: 'pwrite64',
    72: 'pselect6',
    73: 'ppoll',
    82: 'fsync',
    83: 'fdatasync',
    95: 'waitid',
    98: 'futex',
    101: 'nanosleep',
    115: 'clock_nanosleep',
    128: 'restart_syscall',
    137: 'rt_sigtimedwait',
    202: 'accept',
    203: 'connect',
    206: 'sendto',
    207: 'recvfrom',
    211: 'sendmsg',
    212: 'recvmsg',
    242: 'accept4',
    260: 'wait4',
    441: 'epoll_pwait2',
  },
}
