// The documents about processes that nobody has attached to yet: `ps` and `doctor`.

import type { TargetInfo } from './common.js'

export interface ProcessInfo {
  pid: number
  /** `3.14.8`; `3.11` where only the names of its files tell it; absent where nothing does. */
  python?: string
  implementation: 'CPython'
  executable: string
  command: string
  user: string
  startedAt: string
  /** TCP ports it listens on. */
  listening: number[]
  attachable: boolean
  /** Why it is not attachable. */
  reason?: string
}

export interface PsDocument {
  schema: 'remora.ps/1'
  takenAt: string
  processes: ProcessInfo[]
}

export interface CheckInfo {
  id: string
  ok: boolean
  detail: string
  /** What mends it; ends in something to type. */
  remedy?: string
  /** Of a failed check: the error with which an attach would end, where there is one for it. */
  code?: string
}

/** How soon a script in the main thread would run. */
export interface ReachInfo {
  /**
   * `at-once`: at its next safe point; `later`: when the system call returns in which it sits, which no nudge hastens,
   * or which has a time-out; `needs-nudge`: not before something happens outside, unless it is woken;
   * `unreachable`: not as things are.
   */
  verdict: 'at-once' | 'later' | 'needs-nudge' | 'unreachable'
  reason: string
  /** The time-out of the system call. */
  endsWithinMs?: number
}

export interface DoctorDocument {
  schema: 'remora.doctor/1'
  takenAt: string
  /** Absent when the machine as a whole was examined, or when the target could not even be identified. */
  target?: TargetInfo
  checks: CheckInfo[]
  /** Absent when the machine as a whole was examined. */
  reach?: ReachInfo
}
