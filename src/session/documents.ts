// What the library returns and `--json` prints: plain objects, one type a document. The JSON Schemas of the package
// are generated from these types. Fields may be added, never renamed. Times are ISO strings or milliseconds.

import type { Variable } from '../cpython/values/variable.js'

export type * from './profile-documents.js'
export type * from './trace-documents.js'

/** The process a document is about. */
export interface TargetInfo {
  pid: number
  /** Version of its Python: `3.14.8`. */
  python: string
  /** Path of its executable as it sees it. */
  executable: string
  /** Its command line, joined by spaces. */
  command: string
}

export interface ThreadInfo {
  /** `threading.get_ident()` in the target. */
  id: number
  /** `threading.get_native_id()` in the target. */
  nativeId: number
  name: string
}

/** `runnable` waits for nothing but the GIL; `stopped` is held by a signal, a tracer or a frozen cgroup. */
export type ActivityState = 'running' | 'runnable' | 'blocked' | 'stopped' | 'unknown'

export interface WaitingOn {
  /** Name of the system call. */
  syscall: string
  /** Its object: `socket to 10.0.0.7:5432`, `pipe`, `the end of a sleep, in 12.3 s`. */
  detail?: string
}

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
  /** The thread that was asked for. With all threads, pdb says which one has stopped. */
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
  /** What the thread was doing when it was last looked at, if it did not come by. */
  pending?: ThreadActivityInfo
}

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

/** `scheduled`: it waits for nothing and will run at the loop's next turn. */
export type TaskState = 'running' | 'waiting' | 'scheduled'

export interface TaskInfo {
  /** `id(task)` in the target. */
  id: number
  name: string
  /** `threading.get_ident()` of the thread that runs its loop; absent when none does. */
  threadId?: number
  state: TaskState
  /** The calls of its coroutine, innermost first. */
  coroutines: FrameInfo[]
  /** Ids of the tasks that await it. */
  awaitedBy: number[]
  /** The future, or task, on whose end it will go on. */
  waitsFor?: { type: string; id: number }
  /** `Task.cancelling()`: how often it has been asked to cancel itself; absent for never. */
  cancelRequests?: number
  /** False when the task changed each time it was read: what is said of it may be false. */
  consistent: boolean
}

export interface TasksDocument {
  schema: 'remora.tasks/1'
  target: TargetInfo
  takenAt: string
  /** Whether these are all tasks: false when a list of them changed each time it was read. */
  complete: boolean
  tasks: TaskInfo[]
  /** The threads that run the loops of these tasks. */
  threads: ThreadInfo[]
  /** Tasks that wait for each other and can never go on: each awaits the next, the last one the first. */
  cycles?: number[][]
}

/** One Python call, as it stands in a traceback. Lines count from 1, columns are offsets in UTF-8 bytes from 0. */
export interface FrameInfo {
  function: string
  qualifiedName: string
  file: string
  line: number | null
  endLine: number | null
  column: number | null
  endColumn: number | null
  /** The source line, when its file can be read. */
  source?: string
  /** Arguments, locals, cells and free variables, when they were asked for. */
  locals?: Variable[]
}

export interface ThreadStackInfo extends ThreadInfo {
  main: boolean
  holdsGil: boolean
  state: ActivityState
  waitingOn?: WaitingOn
  /** Id of its interpreter: 0 is the main one. */
  interpreter: number
  /** False when the thread moved each time it was read; its frames may then be false. */
  consistent: boolean
  /** Innermost first. */
  frames: FrameInfo[]
}

export interface StackDocument {
  schema: 'remora.stack/1'
  target: TargetInfo
  takenAt: string
  /** Whether the stack of every thread is proved true. */
  consistent: boolean
  threads: ThreadStackInfo[]
}

export type { Variable } from '../cpython/values/variable.js'

export interface InspectDocument {
  schema: 'remora.inspect/1'
  target: TargetInfo
  takenAt: string
  path: string
  /** False when the path led elsewhere each time the value had been read: to another object, or another call. */
  consistent: boolean
  value: Variable
}

export interface InstancesDocument {
  schema: 'remora.instances/1'
  target: TargetInfo
  takenAt: string
  /** The class that was asked for. */
  type: string
  /** False when the time did not suffice, or objects moved each time they were looked at. */
  complete: boolean
  /** How many objects were looked at. */
  scanned: number
  /** The class and its subclasses, with their objects. `bytes` is of the objects alone, without what they refer to. */
  classes: { type: string; count: number; bytes: number }[]
  /** The first of them, each under a path that leads to it. */
  instances: Variable[]
}

/** One object, or one call, that refers to another object. */
export interface ReferrerInfo {
  /** What refers, under a path that leads to it. A call has no address. */
  holder: Variable
  /**
   * How it leads to the object: `app.jobs`, `@0x7f…[3]`, `@main:2.job`. The next command takes these as paths, but for
   * long keys, and keys that only code can make.
   */
  paths: string[]
  /**
   * What the object is in there where no path is known: a key of a dict, an element of a set, on the stack of a call that
   * rests (what a coroutine awaits), or a field of C.
   */
  as?: 'key' | 'element' | 'operand' | 'field'
  /**
   * Who refers to this one in turn. Absent for a module or a call, where paths begin; for one that has come before; and at
   * the last level.
   */
  referrers?: ReferrerInfo[]
  /** How many there are; `referrers` may be the first of them. */
  total?: number
}

export interface ReferrersDocument {
  schema: 'remora.referrers/1'
  target: TargetInfo
  takenAt: string
  path: string
  /** False when the path led to another object in the end. */
  consistent: boolean
  /** The object that was asked for, without what is inside. */
  value: Variable
  /** False when the time did not suffice, or something changed each time it was looked at: some may be missing. */
  complete: boolean
  /** How many objects were looked at, those that the garbage collector tracks, some twice in lists that change. */
  scanned: number
  /** How many refer to it. */
  total: number
  /** The first of them, calls before objects. */
  referrers: ReferrerInfo[]
}

/** Any failure, on stdout with `--json`. */
export interface ErrorDocument {
  schema: 'remora.error/1'
  /** One of the codes in docs/errors.md. */
  code: string
  message: string
  /** The way out. */
  hint: string
  details: Record<string, unknown>
}
