// Stops single threads of another process for a few microseconds with ptrace, does one thing, and lets them go: the
// only way to know that a structure which its thread may free is still there while we write to it. No signal is sent
// that a parent or a shell could see. Everything happens in one synchronous stretch on one thread: if the event loop
// turned in between, libuv could take the stop for the end of a child of its own.
// Follows ptrace(2), "Stopped states". If this process dies in between, the kernel lets the threads go.

import { RemoraError } from '../errors/remora-error.js'
import { loadKoffi, loadLibc } from '../native/koffi.js'
import { nowMs } from './clock.js'
import { readStatus } from './status.js'

const PTRACE_CONT = 7
const PTRACE_DETACH = 17
const PTRACE_SEIZE = 0x4206
const PTRACE_INTERRUPT = 0x4207
const PTRACE_EVENT_STOP = 128
const WNOHANG = 1
const WALL = 0x40000000
const EPERM = 1
const ESRCH = 3
const STOP_TIMEOUT_MS = 1_000

interface Ptrace {
  request(request: number, tid: number, data?: number): void
  /** The wait status of `tid`, or undefined when nothing has happened to it yet. */
  poll(tid: number): number | undefined
}

/**
 * Runs `action` while the threads `tids` (ids as this process sees them) stand still.
 * @throws RemoraError `THREAD_STOP_UNAVAILABLE` without koffi, when another tracer holds the process, or when a thread
 * does not stop in time; `TARGET_EXITED` when one has ended.
 */
export function withThreadsStopped<T>(pid: number, tids: readonly number[], action: () => T): T {
  const ptrace = loadPtrace()
  const seized: number[] = []
  try {
    for (const tid of tids) {
      seize(ptrace, pid, tid)
      seized.push(tid)
      waitForStop(ptrace, pid, tid)
    }
    return action()
  } finally {
    for (const tid of seized.reverse()) release(ptrace, tid)
  }
}

function seize(ptrace: Ptrace, pid: number, tid: number): void {
  try {
    ptrace.request(PTRACE_SEIZE, tid)
    ptrace.request(PTRACE_INTERRUPT, tid)
  } catch (error) {
    if (!(error instanceof PtraceError)) throw error
    if (error.errno === ESRCH)
      throw new RemoraError('TARGET_EXITED', `thread ${tid} of process ${pid} has ended`, { pid, tid })
    const tracer = error.errno === EPERM ? readStatus(pid).tracerPid : 0
    const reason = tracer === 0 ? error.message : `process ${tracer} traces it already`
    throw new RemoraError('THREAD_STOP_UNAVAILABLE', `thread ${tid} of process ${pid} cannot be stopped: ${reason}`, {
      pid,
      tid,
      ...(tracer === 0 ? {} : { tracerPid: tracer }),
    })
  }
}

function waitForStop(ptrace: Ptrace, pid: number, tid: number): void {
  const deadline = nowMs() + STOP_TIMEOUT_MS
  while (nowMs() < deadline) {
    const status = ptrace.poll(tid)
    if (status === undefined) continue
    if ((status & 0xff) !== 0x7f) {
      throw new RemoraError('TARGET_EXITED', `thread ${tid} of process ${pid} has ended`, { pid, tid })
    }
    if (status >> 16 === PTRACE_EVENT_STOP) return
    // A signal was on its way: it is handed on, and the stop we asked for is still to come.
    ptrace.request(PTRACE_CONT, tid, (status >> 8) & 0xff)
  }
  throw new RemoraError('THREAD_STOP_UNAVAILABLE', `thread ${tid} of process ${pid} does not stop`, { pid, tid })
}

function release(ptrace: Ptrace, tid: number): void {
  try {
    ptrace.request(PTRACE_DETACH, tid)
  } catch {
    // It has ended, or never came to the stop and cannot be detached; the kernel lets it go when this process ends.
  }
}

class PtraceError extends Error {
  readonly errno: number

  constructor(request: number, errno: number) {
    super(`ptrace request ${request} failed with errno ${errno}`)
    this.errno = errno
  }
}

let loaded: Ptrace | undefined

function loadPtrace(): Ptrace {
  loaded ??= bindPtrace()
  return loaded
}

function bindPtrace(): Ptrace {
  const koffi = loadKoffi()
  const libc = loadLibc()
  if (koffi === undefined || libc === undefined) {
    throw new RemoraError('THREAD_STOP_UNAVAILABLE', 'koffi is not installed, and without it no thread can be stopped')
  }
  const ptrace = libc.func('long ptrace(long request, int pid, uintptr_t address, uintptr_t data)')
  const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)')
  return {
    request(request, tid, data = 0) {
      if (Number(ptrace(request, tid, 0, data)) < 0) throw new PtraceError(request, koffi.errno())
    },
    poll(tid) {
      const status: [number] = [0]
      const result = Number(waitpid(tid, status, WALL | WNOHANG))
      if (result < 0) throw new PtraceError(0, koffi.errno())
      return result === tid ? status[0] : undefined
    },
  }
}
