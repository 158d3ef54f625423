// Which process a PID means. The kernel gives a PID away again when its process has ended; the moment of the start tells
// the two apart. Who opens something by PID asks afterwards whether it was of the process that was meant.

import { RemoraError } from '../errors/remora-error.js'
import { readStartTicks } from './status.js'

/** One process, told from all that have its PID before or after it. */
export interface ProcessIdentity {
  readonly pid: number
  /** See `readStartTicks`. */
  readonly startTicks: number
}

/** A process as somebody names it. Without the ticks, whoever has the PID at the first look is meant. */
export interface NamedProcess {
  readonly pid: number
  readonly startTicks?: number
}

/** Names the process that has the PID now. Where there is none, whoever opens it says so. */
export function pinProcess(pid: number): NamedProcess {
  const startTicks = findStartTicks(pid)
  return startTicks === undefined ? { pid } : { pid, startTicks }
}

/** @throws RemoraError `PROCESS_NOT_FOUND`, `TARGET_EXITED` when it is not the one that was named. */
export function identify({ pid, startTicks }: NamedProcess): ProcessIdentity {
  const found = findStartTicks(pid)
  if (startTicks === undefined && found === undefined) {
    throw new RemoraError('PROCESS_NOT_FOUND', `there is no process ${pid}`, { pid })
  }
  const identity = { pid, startTicks: startTicks ?? (found as number) }
  if (found !== identity.startTicks) throw hasExited(pid, found)
  return identity
}

/** @throws RemoraError `TARGET_EXITED` when its PID is free by now, or means another process. */
export function requireSame({ pid, startTicks }: ProcessIdentity): void {
  const found = findStartTicks(pid)
  if (found !== startTicks) throw hasExited(pid, found)
}

function hasExited(pid: number, found: number | undefined): RemoraError {
  const another = found === undefined ? '' : ', and another process has its PID now'
  return new RemoraError('TARGET_EXITED', `process ${pid} has ended${another}`, { pid })
}

function findStartTicks(pid: number): number | undefined {
  try {
    return readStartTicks(pid)
  } catch {
    return undefined
  }
}
