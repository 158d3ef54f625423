// Stops single threads of another process for a few microseconds with ptrace, does one thing, and lets them go: the
// only way to know that a structure which its thread may free is still there while we write to it, and to make a
// blocked system call return. No signal is sent that a parent or a shell could see. Everything happens in one
// synchronous stretch on one thread (see `ptrace.ts`).
// Follows ptrace(2), "Stopped states". If this process dies in between, the kernel lets the threads go.

import { RemoraError } from '../../errors/remora-error.js'
import { nowMs } from '../clock.js'
import { readStatus } from '../status.js'
import {
  loadPtrace,
  PTRACE_CONT,
  PTRACE_DETACH,
  PTRACE_INTERRUPT,
  PTRACE_SEIZE,
  type Ptrace,
  PtraceError,
} from './ptrace.js'

const PTRACE_EVENT_STOP = 128
const SIGTRAP = 5
const EPERM = 1
const ESRCH = 3
const STOP_TIMEOUT_MS = 1_000
/** How often a thread that has not stopped in time is looked for. */
const LATE_POLL_MS = 10

/** A thread that stands still. Only good inside the action it was handed to. */
export interface StoppedThread {
  /** Whether a signal (Ctrl-Z, SIGSTOP) had stopped it before, and will keep it. */
  readonly stoppedBySignal: boolean
  /** One register set (`NT_…` of elf.h). */
  readRegisters(set: number): Buffer
  writeRegisters(set: number, bytes: Buffer): void
  /** The signals it blocks, as the kernel keeps them. */
  readSignalMask(): Buffer
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

/**
 * As `withThreadsStopped`, for one thread whose registers are to be seen or changed. Also returns for how long it was
 * held.
 */
export function withThreadStopped<T>(
  pid: number,
  tid: number,
  action: (thread: StoppedThread) => T,
): { readonly result: T; readonly stopUs: number } {
  const ptrace = loadPtrace()
  const started = nowMs()
  let stop: { result: T } | undefined
  seize(ptrace, pid, tid)
  try {
    const stoppedBySignal = waitForStop(ptrace, pid, tid)
    stop = {
      result: action({
        stoppedBySignal,
        readRegisters: (set) => ptrace.readRegisters(tid, set),
        writeRegisters: (set, bytes) => ptrace.writeRegisters(tid, set, bytes),
        readSignalMask: () => ptrace.readSignalMask(tid),
      }),
    }
  } finally {
    release(ptrace, tid)
  }
  return { ...stop, stopUs: (nowMs() - started) * 1000 }
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

/** Returns whether it is a signal that keeps the thread stopped. */
function waitForStop(ptrace: Ptrace, pid: number, tid: number): boolean {
  const deadline = nowMs() + STOP_TIMEOUT_MS
  while (nowMs() < deadline) {
    const status = ptrace.poll(tid)
    if (status === undefined) continue
    if ((status & 0xff) !== 0x7f) {
      throw new RemoraError('TARGET_EXITED', `thread ${tid} of process ${pid} has ended`, { pid, tid })
    }
    const signal = (status >> 8) & 0xff
    if (status >> 16 === PTRACE_EVENT_STOP) return signal !== SIGTRAP
    // A signal was on its way: it is handed on, and the stop we asked for is still to come.
    ptrace.request(PTRACE_CONT, tid, signal)
  }
  throw new RemoraError('THREAD_STOP_UNAVAILABLE', `thread ${tid} of process ${pid} does not stop`, { pid, tid })
}

function release(ptrace: Ptrace, tid: number): void {
  try {
    ptrace.request(PTRACE_DETACH, tid)
  } catch {
    // It has ended, or is in a part of the kernel that nothing interrupts and will stop when it comes out of that.
    releaseLater(ptrace, tid)
  }
}

/** Lets a thread go that stops too late. If this process ends before, the kernel does it. */
function releaseLater(ptrace: Ptrace, tid: number): void {
  const timer = setInterval(() => {
    try {
      if (ptrace.poll(tid) === undefined) return
      ptrace.request(PTRACE_DETACH, tid)
    } catch {
      // Nothing is left of it that could be waited for.
    }
    clearInterval(timer)
  }, LATE_POLL_MS)
  timer.unref()
}
