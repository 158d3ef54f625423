// A profile: what the sampler builds, what a recording on disk holds, and what every format is written from. Distinct
// things stand in tables, and samples refer to them by index; equal samples in a row are one run. A long recording has
// more runs than fit in memory, so runs come in pieces and may be walked more than once.

export interface Profile {
  readonly info: ProfileInfo
  /** Distinct places in the program's code. */
  readonly frames: readonly ProfileFrame[]
  readonly stacks: StackTable
  readonly threads: readonly ProfileThread[]
  /** In the order of their start; each walk begins anew, and a piece is good until the next one is asked for. */
  readonly runs: Iterable<SampleRuns>
}

export interface ProfileInfo {
  readonly pid: number
  /** `3.14.8` */
  readonly python: string
  readonly command: string
  /** ISO time of the first sample. */
  readonly startedAt: string
  readonly durationMs: number
  /** The interval that was asked for, in microseconds; 0 for as fast as it goes. */
  readonly intervalUs: number
  readonly mode: ProfileMode
  readonly sampling: SamplingQuality
}

export type ProfileMode = 'wall' | 'cpu' | 'gil' | 'exceptions'

/** How well the sampler did, measured while it ran. */
export interface SamplingQuality {
  /** Moments at which all chosen threads were looked at. */
  readonly rounds: number
  /** Stacks that were kept. */
  readonly samples: number
  /** Stacks that were dropped, as they could not be proved to be of one moment. */
  readonly failed: number
  /** Rounds that began more than half an interval late. */
  readonly late: number
  /** Rounds a second that were reached. */
  readonly rateHz: number
  /** Time between the starts of two rounds, in microseconds. */
  readonly intervalUs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  /** CPU time of the sampler itself, in milliseconds. */
  readonly cpuMs: number
}

export interface ProfileFrame {
  readonly function: string
  readonly qualifiedName: string
  readonly file: string
  /** Line of the function's first statement or decorator. */
  readonly firstLine: number
  /** 0 where the interpreter keeps no position. Columns are UTF-8 bytes from 0; -1 is unknown. */
  readonly line: number
  readonly endLine: number
  readonly column: number
  readonly endColumn: number
}

/** A tree of stacks by the index of their innermost frame. Stack 0 is the empty one, and its own parent. */
export interface StackTable {
  readonly length: number
  /** The stack without its innermost frame. */
  readonly parents: Uint32Array
  /** Index of the innermost frame in `frames`. */
  readonly frames: Uint32Array
}

/** Where samples come from: a thread, or with `task` an asyncio task on it. */
export interface ProfileThread {
  readonly pid: number
  readonly id: number
  readonly nativeId: number
  readonly name: string
  readonly main: boolean
  readonly task?: string
}

/** Columns of the same `length`: what one thread did for one or more samples in a row. */
export interface SampleRuns {
  readonly length: number
  /** Microseconds since `startedAt`: of the first sample, and of the end of the interval of the last. */
  readonly startUs: Float64Array
  readonly endUs: Float64Array
  readonly threads: Uint32Array
  readonly stacks: Uint32Array
  readonly counts: Uint32Array
  /** `SampleFlag`s, or-ed. */
  readonly flags: Uint8Array
}

/** Columns of zeros to be filled. */
export function emptyRuns(length: number): SampleRuns {
  return {
    length,
    startUs: new Float64Array(length),
    endUs: new Float64Array(length),
    threads: new Uint32Array(length),
    stacks: new Uint32Array(length),
    counts: new Uint32Array(length),
    flags: new Uint8Array(length),
  }
}

export const SampleFlag = { onCpu: 1, holdsGil: 2, collectingGarbage: 4, handlingException: 8 } as const
