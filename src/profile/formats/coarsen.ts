// Makes a timeline coarser that has more runs than a reader can take. Within a window, runs of the same stack are put
// together, in the order in which the stacks first appear: what moves is when something happened, by at most a window;
// how often and how long stays exact.

import type { Timeline } from './timelines.js'

export function coarsen(timeline: Timeline, stackCount: number, mostRuns: number): Timeline {
  let coarser: Timeline | undefined = timeline.length > mostRuns ? undefined : timeline
  for (let window = Math.ceil(timeline.length / mostRuns) * 2; coarser === undefined; window *= 2) {
    // A window over everything leaves one run a stack, and there is no way to have fewer.
    const limit = window < timeline.length ? mostRuns : Number.POSITIVE_INFINITY
    coarser = mergeWindows(timeline, window, { stackCount, limit })
  }
  return coarser
}

/** Merges the runs of each `window` runs, or gives up above `limit`. */
function mergeWindows(
  { thread, length: runs, ...from }: Timeline,
  window: number,
  { stackCount, limit }: { stackCount: number; limit: number },
): Timeline | undefined {
  const size = Math.min(runs, limit)
  const merged = {
    stacks: new Uint32Array(size),
    startUs: new Float64Array(size),
    endUs: new Float64Array(size),
    counts: new Uint32Array(size),
  }
  const { stacks, startUs, endUs, counts } = merged
  const rowOfStack = new Int32Array(stackCount).fill(-1)
  let length = 0
  for (let first = 0; first < runs; first += window) {
    const firstRow = length
    const end = Math.min(first + window, runs)
    for (let run = first; run < end; run++) {
      const stack = from.stacks[run] as number
      let row = rowOfStack[stack] as number
      if (row < firstRow) {
        if (length === limit) return undefined
        row = length++
        rowOfStack[stack] = row
        stacks[row] = stack
      }
      // For now the sum of durations; it becomes a time below.
      endUs[row] = (endUs[row] as number) + (from.endUs[run] as number) - (from.startUs[run] as number)
      counts[row] = (counts[row] as number) + (from.counts[run] as number)
    }
    let at = from.startUs[first] as number
    for (let row = firstRow; row < length; row++) {
      startUs[row] = at
      at += endUs[row] as number
      endUs[row] = at
    }
  }
  return { thread, length, ...merged }
}
