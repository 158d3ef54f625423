// The documents of the commands that run code in the target: `exec`, `eval`, `repl`, `pdb`. Those of `trace` are in
// `trace.ts`.

import type { Variable } from '../../cpython/values/variable.js'
import type { ActivityState, TargetInfo, ThreadInfo, WaitingOn } from './common.js'

/** What a thread is doing instead of running a script that waits for it. */
export interface ThreadActivityInfo extends Partial<WaitingOn> {
  state: ActivityState
  /** Innermost Python call. */
  function?: string
  file?: string
  line?: number
  /** The time-out of the system call: it lasts no longer than this from now on. Absent for one without an end. */
  endsWithinMs?: number
  /** Whose code made the system call; `foreign` for a library that is no part of Python. Told from the native stack. */
  code?: { file: string; foreign: boolean }
  /** Of a running thread: it has stayed in one call of native code for as long as it was looked at. */
  inNativeCall?: boolean
  holdsGil: boolean
  /** The other thread that holds the GIL, and the system call in which it does not let go of it. */
  gilHolder?: ThreadInfo & { waitingOn?: WaitingOn }
  /** What holds a stopped thread. */
  stoppedBy?: { by: 'signal' | 'tracer' | 'freezer'; detail?: string }
  /**
   * For how long it has been seen at the same Python instruction, and, unless it runs, without having been on a CPU in
   * between. Counted from the first look, when it may have been there for long. Absent at the first look.
   */
  unmovedMs?: number
}

/** One short stop of the thread that made its system call return, as a signal handler does. */
export interface NudgeInfo {
  /** `interrupt`: the call returned EINTR. `pending-call`: CPython was given a pending call first. */
  method: 'interrupt' | 'pending-call'
  syscall: string
  /** For how long the thread was held, in microseconds. */
  stopUs: number
}

export interface NudgingInfo {
  /** Whether the thread was woken from a system call. */
  nudged: boolean
  /** In order; only when it was asked for. */
  nudges?: NudgeInfo[]
  /** Why the thread was left alone when it was last looked at, although waking it was asked for. */
  notNudged?: string
}

/** How a request ended: its script ran to the end, or raised, or never ran, or the target ended first. */
export type Outcome = 'completed' | 'raised' | 'withdrawn' | 'exited'

/** One run of code in a thread. */
export interface RunInfo extends NudgingInfo {
  outcome: Outcome
  /** What the code printed, bytes that are no UTF-8 as `\xNN`. */
  stdout: string
  stderr: string
  /** Bytes of output that were not taken in time and are lost. */
  droppedBytes: number
  error?: { type: string; message: string; traceback: string }
  thread: ThreadInfo
  timing: { pendingMs: number; runMs: number }
  /** What the thread was doing when it was last looked at, if the request had to wait. */
  pending?: ThreadActivityInfo
}

export interface ExecDocument extends RunInfo {
  schema: 'remora.exec/1'
  target: TargetInfo
}

export interface EvalDocument extends RunInfo {
  schema: 'remora.eval/1'
  target: TargetInfo
  /** The value of an expression as it is in memory; absent where there is none, or when only its `repr` was asked for. */
  value?: Variable
  /** What `repr()` says in the target, if it was asked for. Nothing is masked in it. */
  repr?: string
}

/** One line of a session, with `--json` a line of output each. */
export interface ReplDocument extends RunInfo {
  schema: 'remora.repl/1'
  target: TargetInfo
  /** What was run: one line, or the lines of one statement. */
  source: string
  /** Nothing has been run: the text is not complete, or it ends in a block that may go on. */
  unfinished?: 'incomplete' | 'open'
}

/** What came of a command in a session of pdb, with `--json` a line of output each. The first one is about the stop. */
export interface PdbDocument {
  schema: 'remora.pdb/1'
  target: TargetInfo
  /** The thread that was asked for; with all threads, the one that has stopped last. */
  thread: ThreadInfo
  /** What was typed; absent in the first document, and where nothing was run. */
  command?: string
  /** What pdb said, and what the command printed, in order. */
  messages: { type: 'info' | 'error'; text: string }[]
  /** The prompt that waits for a command now. `state` is what for: `pdb`, `interact`, `commands` or `confirm`. */
  prompt?: { text: string; state: string }
  /** Why there is no prompt any more. */
  ended?: 'detached' | 'exited' | 'withdrawn'
  /** Bytes of output that were not taken in time and are lost, since the session began. */
  droppedBytes: number
  /** What the thread was doing when it was last looked at, if it reached no safe point. */
  pending?: ThreadActivityInfo
}
