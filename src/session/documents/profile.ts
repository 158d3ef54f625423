// What `record`, `convert` and `top` say with `--json`.

import type { FrameInfo, TargetInfo, TaskState, ThreadInfo } from './common.js'

/** A function's share of a profile, in samples. */
export interface FunctionShareInfo {
  function: string
  file: string
  /** Line of its definition. */
  line: number
  /** Samples in which it ran itself, and in which it was on the stack. */
  self: number
  total: number
}

export interface RecordedThreadInfo extends ThreadInfo {
  pid: number
  main: boolean
  /** Name of the asyncio task, where stacks were told apart by task. */
  task?: string
  samples: number
  /** How many of them it held the GIL in, collected garbage in, and had an exception in. */
  holdingGil: number
  collectingGarbage: number
  handlingException: number
  /** The functions in which it was most. */
  functions: FunctionShareInfo[]
}

/** What came of a recording. */
export interface RecordDocument {
  schema: 'remora.record/1'
  target: TargetInfo
  startedAt: string
  durationMs: number
  mode: 'wall' | 'cpu' | 'gil' | 'exceptions'
  /** Why it ended: it was stopped, its time was over, or the target had ended. */
  ended: 'stopped' | 'time' | 'exited'
  /** Moments at which all threads were looked at, and how many began more than half an interval late. */
  rounds: number
  late: number
  /** Rounds a second, asked for (0: as many as possible) and reached. */
  requestedRateHz: number
  rateHz: number
  /** Time between rounds. */
  intervalUs: { p50: number; p95: number; p99: number; max: number }
  /** Stacks that were kept, and those that could not be proved and were dropped. */
  samples: number
  failed: number
  /** CPU time that Remora used while it recorded, writing included. */
  cpuMs: number
  threads: RecordedThreadInfo[]
  /** The functions with the most samples of their own. */
  functions: FunctionShareInfo[]
  lines: { function: string; file: string; line: number; self: number }[]
  /** The file that was written, if one was wanted. */
  output?: string
  /** With an older recording to compare with. */
  difference?: ProfileDifference
}

/** What has changed since an older recording. */
export interface ProfileDifference {
  /** The older recording. */
  old: string
  /** Those that have changed most; `before` and `now` are shares of all samples, from 0 to 1, in the function itself. */
  functions: { function: string; file: string; line: number; before: number; now: number }[]
}

/** One look at a process that is watched: what it did in the last seconds. Counts are in samples. */
export interface TopDocument {
  schema: 'remora.top/1'
  target: TargetInfo
  takenAt: string
  /** Why this is the last one, if it is: it was stopped, its time was over, or the target had ended. */
  ended?: 'stopped' | 'time' | 'exited'
  /** It is held by a signal: its stacks are those of the moment in which it was stopped. */
  stopped: boolean
  /** How long it has been watched, and the last part of that, which is what all of this is about. */
  durationMs: number
  windowMs: number
  /** Which samples count for functions and lines. */
  mode: 'wall' | 'cpu' | 'gil' | 'exceptions'
  /** Moments at which all threads were looked at, and how many began more than half an interval late. */
  rounds: number
  late: number
  rateHz: number
  /** Stacks that count, and those of any kind that could not be proved and were dropped. */
  samples: number
  failed: number
  /** CPU time of Remora for each second that it has watched. */
  cpuMsPerSecond: number
  /** By own samples: those with the most of them, and those with the most of all. */
  functions: FunctionShareInfo[]
  lines: LineShareInfo[]
  threads: TopThreadInfo[]
  /** How many asyncio tasks there are, and the first of them. */
  taskCount: number
  tasks: TopTaskInfo[]
  /** The parts of the window, oldest first: rounds a second, and how many threads at once were on a CPU or held a GIL. */
  history: { rateHz: number; onCpu: number; holdingGil: number }[]
}

export interface LineShareInfo extends FunctionShareInfo {
  /** Line of the function's definition; `line` is the line itself. */
  functionLine: number
}

/** A thread that is there now, or with `task` an asyncio task on it. Counts are of the window, in samples. */
export interface TopThreadInfo extends ThreadInfo {
  pid: number
  main: boolean
  task?: string
  samples: number
  onCpu: number
  holdingGil: number
  collectingGarbage: number
  handlingException: number
  /** Where it was seen last, innermost call first. */
  frames: FrameInfo[]
  /** How many more calls there are than `frames` shows. */
  moreFrames: number
}

export interface TopTaskInfo {
  id: number
  name: string
  threadId?: number
  state: TaskState
  /** Its innermost call. */
  function?: string
  file?: string
  line?: number
}

/** What was made of a recording. */
export interface ConvertDocument {
  schema: 'remora.convert/1'
  /** The recording, and the file that was written. */
  input: string
  output: string
  format: string
  /** Size of what was written. */
  bytes: number
  /** Of the recording: samples, threads and tasks, distinct stacks. */
  samples: number
  threads: number
  stacks: number
  durationMs: number
  /** With an older recording to compare with. */
  difference?: ProfileDifference
}
