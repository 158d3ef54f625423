// What `record` and `convert` say with `--json`; see `documents.ts`.

import type { TargetInfo, ThreadInfo } from './documents.js'

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
}
