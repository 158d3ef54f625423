// The system calls that may be made to return EINTR: those after which CPython was seen to ask for its signals, and with
// them for our request, and then to make the call again with the time that is left, so that the program never knows.
// docs/blocked-targets.md is the record of that. What is not here is left alone.

import type { RemoteMemory } from '../../memory/remote-memory.js'
import type { SystemCall } from '../../process/threads/threads.js'

interface Interruptible {
  /** Functions of the C library that make this call for CPython and hand EINTR on to it. */
  readonly wrappers: readonly string[]
  /** Why this particular call may not be interrupted. */
  readonly refuse?: (call: SystemCall, memory: RemoteMemory) => string | undefined
}

const LOCK_WRAPPERS = [
  'sem_wait',
  'sem_timedwait',
  'sem_clockwait',
  'pthread_cond_wait',
  'pthread_cond_timedwait',
  'pthread_cond_clockwait',
]
const SLEEP_WRAPPERS = ['clock_nanosleep', 'nanosleep']
const POLL_WRAPPERS = ['poll', 'ppoll']
const SELECT_WRAPPERS = ['select', 'pselect']
const EPOLL_WRAPPERS = ['epoll_wait', 'epoll_pwait']
const OPEN_WRAPPERS = ['open', 'open64', 'openat', 'openat64']

const interruptible: Readonly<Record<string, Interruptible>> = {
  // `fgets` reads the line of a terminal for input(), and CPython clears its error and calls it again.
  read: { wrappers: ['read', 'fgets'] },
  write: { wrappers: ['write'] },
  open: { wrappers: OPEN_WRAPPERS },
  openat: { wrappers: OPEN_WRAPPERS },
  recvfrom: { wrappers: ['recv', 'recvfrom'] },
  recvmsg: { wrappers: ['recvmsg'] },
  sendto: { wrappers: ['send', 'sendto'] },
  accept: { wrappers: ['accept'] },
  accept4: { wrappers: ['accept4'] },
  connect: { wrappers: ['connect'], refuse: refuseConnect },
  poll: { wrappers: POLL_WRAPPERS },
  ppoll: { wrappers: POLL_WRAPPERS, refuse: refusePause },
  select: { wrappers: SELECT_WRAPPERS },
  pselect6: { wrappers: SELECT_WRAPPERS },
  epoll_wait: { wrappers: EPOLL_WRAPPERS },
  epoll_pwait: { wrappers: EPOLL_WRAPPERS },
  clock_nanosleep: { wrappers: SLEEP_WRAPPERS },
  nanosleep: { wrappers: SLEEP_WRAPPERS },
  wait4: { wrappers: ['wait4', 'waitpid', 'wait3', 'wait'] },
  waitid: { wrappers: ['waitid'] },
  flock: { wrappers: ['flock'] },
  fcntl: { wrappers: ['fcntl', 'fcntl64', 'lockf', 'lockf64'] },
  futex: { wrappers: LOCK_WRAPPERS },
  // How the kernel goes on with a sleep, a poll or a lock with a time limit after the thread had been stopped.
  restart_syscall: { wrappers: [...SLEEP_WRAPPERS, ...POLL_WRAPPERS, ...LOCK_WRAPPERS] },
}

/** Calls that would tell the program of the interruption, in words. */
const telling: Readonly<Record<string, string>> = {
  pause: 'pause would return early to the program',
  rt_sigtimedwait: 'a wait for a signal is not interrupted',
}

/** Why `call` is not to be interrupted, whoever made it. */
export function refuseCall(call: SystemCall, memory: RemoteMemory): string | undefined {
  const entry = findEntry(call)
  if (entry !== undefined) return entry.refuse?.(call, memory)
  return telling[call.name] ?? `${call.name} is not known to go on as if nothing had happened`
}

/** Functions of the C library that may stand between CPython and this call. */
export function wrappersOf(call: SystemCall): readonly string[] {
  return findEntry(call)?.wrappers ?? []
}

function findEntry({ name }: SystemCall): Interruptible | undefined {
  return Object.hasOwn(interruptible, name) ? interruptible[name] : undefined
}

/** Where there is no call of that name, as on arm64, `pause` waits for none of no files. */
function refusePause({ arguments: [, files, timeout] }: SystemCall): string | undefined {
  return files === 0n && timeout === 0n ? telling.pause : undefined
}

/** An interrupted TCP connect goes on by itself, and CPython waits for it; one of a Unix socket is given up. */
function refuseConnect({ arguments: [, address = 0n] }: SystemCall, memory: RemoteMemory): string | undefined {
  const [AF_INET, AF_INET6] = [2, 10]
  const [family] = memory.readMany([{ address: Number(address), length: 2 }])
  if (family !== undefined && [AF_INET, AF_INET6].includes(family.readUInt16LE())) return undefined
  return 'this connect could not be taken up again'
}
