// The difference of two profiles of one program. Their functions and stacks get common numbers: a stack is the same in
// both if its functions have the same names and files, as lines move from version to version. Counts are compared as
// shares, since no two recordings are of the same length.

import type { Profile } from '../profile.js'
import { findFunctions } from './functions.js'
import { functionLabel, threadLabels } from './labels.js'
import { pathOf, sumUp, tablesOf } from './totals.js'

export interface StackDifference {
  readonly thread: string
  /** Labels of functions, outermost first. */
  readonly path: readonly string[]
  readonly samples: number
  /** Samples of the old profile, as many as if it had had the same number in all. */
  readonly oldSamples: number
}

/** Every stack of either profile, by thread. */
export function diffProfiles(profile: Profile, old: Profile): StackDifference[] {
  const now = sumByPath(profile)
  const before = sumByPath(old)
  const scale = totalOf(now) / Math.max(1, totalOf(before))
  const keys = new Set([...now.keys(), ...before.keys()])
  return [...keys].map((key) => {
    const { thread, path } = now.get(key) ?? (before.get(key) as PathSum)
    return { thread, path, samples: now.get(key)?.samples ?? 0, oldSamples: (before.get(key)?.samples ?? 0) * scale }
  })
}

interface PathSum {
  readonly thread: string
  readonly path: readonly string[]
  samples: number
}

function sumByPath(profile: Profile): Map<string, PathSum> {
  const tables = tablesOf(profile)
  const totals = sumUp(profile, tables)
  const { functions, ofFrame } = findFunctions(tables.frames)
  const labels = functions.map(functionLabel)
  const threads = threadLabels(profile.threads)
  const sums = new Map<string, PathSum>()
  for (let row = 0; row < totals.length; row++) {
    const thread = threads[totals.threads[row] as number] as string
    const frames = pathOf(tables.stacks, totals.stacks[row] as number)
    const path = frames.map((frame) => labels[ofFrame[frame] as number] as string)
    const key = [thread, ...path].join('\0')
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { thread, path, samples: totals.samples[row] as number })
    else sum.samples += totals.samples[row] as number
  }
  return sums
}

function totalOf(sums: ReadonlyMap<string, PathSum>): number {
  let total = 0
  for (const { samples } of sums.values()) total += samples
  return total
}
