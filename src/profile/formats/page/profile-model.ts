// The profile as the page works with it: columns in place, and the function of each stack's innermost frame at hand.

import type { PageData, PageFunction, PageInfo, PageThread, PageTotals } from './page-data.js'
import type { Column, Payload } from './payload.js'

export interface Totals {
  readonly length: number
  readonly threads: Column
  readonly stacks: Column
  readonly samples: Column
  readonly wallUs: Column
}

export interface TimelineColumns {
  readonly thread: number
  readonly length: number
  readonly stacks: Column
  readonly startUs: Column
  readonly endUs: Column
}

export interface ProfileModel {
  readonly info: PageInfo
  readonly oldInfo: PageInfo | undefined
  readonly threads: readonly PageThread[]
  readonly functions: readonly PageFunction[]
  readonly stackParents: Column
  /** The function and the line of each stack's innermost frame. */
  readonly stackFunctions: Uint32Array
  readonly stackLines: Uint32Array
  readonly totals: Totals
  readonly oldTotals: Totals | undefined
  readonly timelines: readonly TimelineColumns[]
}

/** Which threads to look at: the number of one, or all. */
export type ThreadChoice = number | 'all'

export function toModel({ data, column }: Payload): ProfileModel {
  const frameFunctions = column(data.frameFunctions)
  const frameLines = column(data.frameLines)
  const frames = column(data.stackFrames)
  return {
    info: data.info,
    oldInfo: data.old?.info,
    threads: data.threads,
    functions: data.functions,
    stackParents: column(data.stackParents),
    stackFunctions: Uint32Array.from(frames, (frame) => frameFunctions[frame] as number),
    stackLines: Uint32Array.from(frames, (frame) => frameLines[frame] as number),
    totals: toTotals(data.totals, column),
    oldTotals: data.old === undefined ? undefined : toTotals(data.old.totals, column),
    timelines: data.timelines.map(({ thread, stacks, startUs, endUs }: PageData['timelines'][number]) => ({
      thread,
      length: stacks.length,
      stacks: column(stacks),
      startUs: column(startUs),
      endUs: column(endUs),
    })),
  }
}

function toTotals({ threads, stacks, samples, wallUs }: PageTotals, column: Payload['column']): Totals {
  return {
    length: threads.length,
    threads: column(threads),
    stacks: column(stacks),
    samples: column(samples),
    wallUs: column(wallUs),
  }
}
