// What `trace` says with `--json`, a line an event.

import type { Variable } from '../../cpython/values/variable.js'
import type { TargetInfo } from './common.js'

/** A group of an aggregation: the probe's keys, how often, and what was measured. */
export interface TraceGroupInfo {
  /** Texts of the `by` expressions; empty without any. */
  key: string[]
  count: number
  measures?: {
    kind: 'time' | 'sum' | 'min' | 'max' | 'avg' | 'hist'
    /** The expression; `elapsed` for `time`, in milliseconds. */
    of: string
    count: number
    sum: number | null
    min: number | null
    max: number | null
    /**
     * `[n, hits]`: values from 2^(n-1) to 2^n microseconds for `time`, of 2^-10 for `hist`; 0 is what lies below one.
     */
    buckets?: [number, number][]
  }[]
}

/** One line of `remora trace`: what a probe saw, or what became of it. */
export interface TraceDocument {
  schema: 'remora.trace/1'
  pid: number
  event: 'attached' | 'hit' | 'return' | 'aggregate' | 'error' | 'budget' | 'dropped' | 'detached' | 'estimate'
  at: string
  /** The target's `time.perf_counter()`, in milliseconds. */
  monotonicMs?: number
  /** Index of the probe; absent where all are meant. */
  probe?: number

  /** `attached`: the process, the probe as it was typed, and the code to which it is bound: the first thousand. */
  target?: TargetInfo
  text?: string
  places?: { function: string; file: string; line: number }[]
  placeCount?: number
  /** Why it is bound to nothing yet. */
  waiting?: string
  budgets?: { cpuShare: number; eventsPerSecond: number; bytesPerSecond: number; seconds: number }

  /** `hit`, `return`, `error`. */
  threadId?: number
  thread?: string | null
  /** Name of the asyncio task. */
  task?: string
  function?: string
  file?: string
  line?: number
  values?: Variable[]
  args?: Variable[]
  result?: Variable
  /** The exception with which a call ended, or that starts here. */
  error?: Variable
  /** Time of the whole call; of a generator or coroutine also the time in which it ran and in which it waited. */
  elapsedMs?: number
  onMs?: number
  offMs?: number
  /** Innermost first; with locals for `snapshot`. */
  stack?: { function: string; qualifiedName: string; file: string; line: number | null; locals?: Variable[] }[]
  /** `error`: what went wrong within a probe; `detached`: why a process of a tree has refused. */
  message?: string

  /** `aggregate`: the largest groups, and how many there are. */
  groups?: TraceGroupInfo[]
  groupCount?: number
  final?: boolean
  /** The part of the time in which the probe was on: below 1 the counts are of a sample. */
  coverage?: number

  /** `budget`: the budget that was passed, and what follows. */
  budget?: 'cpu' | 'events' | 'bytes'
  consequence?: 'sampling' | 'off'

  /** `dropped`: events that a slow reader has cost. */
  count?: number

  /** `detached`: why, and what it came to. */
  reason?: 'time' | 'hits' | 'stopped' | 'exited' | 'withdrawn' | 'refused'
  hits?: number
  reported?: number
  /** CPU time that watching took, as estimated in the target. */
  cpuMs?: number
  dropped?: number
  /** How often a probe could not be evaluated: each error is an event once. */
  errors?: number

  /** `estimate`: of `--dry-run`. */
  hitsPerSecond?: number
  costUs?: number
  cpuShare?: number
}
