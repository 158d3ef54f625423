// What a profile says at a glance: functions by the samples in which they ran themselves and in which they were on the
// stack, lines by their own, threads by what they did. One walk over the runs, one over the tree of stacks.

import type { Profile, ProfileFrame, ProfileThread } from './profile.js'
import { SampleCounts } from './sample-counts.js'

export interface ProfileSummary {
  readonly samples: number
  /** By own samples, then by all. */
  readonly functions: readonly FunctionShare[]
  readonly lines: readonly LineShare[]
  /** By samples; with the functions of that thread alone. */
  readonly threads: readonly ThreadShare[]
}

export interface FunctionShare {
  readonly function: string
  readonly file: string
  /** Line of its definition. */
  readonly line: number
  /** Samples in which it ran itself, and in which it was on the stack. */
  readonly self: number
  readonly total: number
}

export interface LineShare {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly self: number
}

export interface ThreadShare {
  readonly thread: ProfileThread
  readonly samples: number
  readonly holdingGil: number
  readonly collectingGarbage: number
  readonly handlingException: number
  readonly functions: readonly FunctionShare[]
}

const TOP = 20

/** @param counts Of all samples, where somebody has counted them already. */
export function summarize(profile: Profile, counts = countSamples(profile)): ProfileSummary {
  const { frames, stacks, threads } = profile
  const functions = new FunctionNumbers(frames)
  const all = counts.addTo(new Float64Array(stacks.length))
  const sampled = threads
    .flatMap((thread, index) => ({ thread, own: counts.ofThread(index) }))
    .filter(({ own }) => own.samples > 0)
    .sort((a, b) => b.own.samples - a.own.samples)
  return {
    samples: sampled.reduce((sum, { own }) => sum + own.samples, 0),
    functions: shareFunctions(profile, functions, all),
    lines: shareLines(profile, all),
    threads: sampled.map(({ thread, own }) => ({
      thread,
      samples: own.samples,
      holdingGil: own.holdingGil,
      collectingGarbage: own.collectingGarbage,
      handlingException: own.handlingException,
      functions: shareFunctions(profile, functions, own.addTo(new Float64Array(stacks.length))).slice(0, 3),
    })),
  }
}

function countSamples({ runs }: Profile): SampleCounts {
  const counts = new SampleCounts()
  for (const piece of runs) counts.add(piece)
  return counts
}

/** Frames of one function, wherever in it they are, have one number. */
class FunctionNumbers {
  readonly ofFrames: Uint32Array
  readonly examples: ProfileFrame[] = []

  constructor(frames: readonly ProfileFrame[]) {
    const numbers = new Map<string, number>()
    this.ofFrames = Uint32Array.from(frames, (frame) => {
      const key = `${frame.firstLine} ${frame.file}\0${frame.qualifiedName}`
      const number = numbers.get(key) ?? this.examples.push(frame) - 1
      numbers.set(key, number)
      return number
    })
  }
}

function shareFunctions(profile: Profile, functions: FunctionNumbers, counts: Float64Array): FunctionShare[] {
  const self = new Float64Array(functions.examples.length)
  const { stacks } = profile
  for (let stack = 1; stack < stacks.length; stack++) {
    const number = functions.ofFrames[stacks.frames[stack] as number] as number
    self[number] = (self[number] as number) + (counts[stack] as number)
  }
  const total = totalOf(profile, functions, counts)
  return functions.examples
    .map(({ qualifiedName, file, firstLine }, number): FunctionShare => {
      const [own, all] = [self[number] as number, total[number] as number]
      return { function: qualifiedName, file, line: firstLine, self: own, total: all }
    })
    .filter(({ total: all }) => all > 0)
    .sort((a, b) => b.self - a.self || b.total - a.total)
}

/** Samples with each function on the stack; one that calls itself counts once. */
function totalOf({ stacks }: Profile, { ofFrames, examples }: FunctionNumbers, counts: Float64Array): Float64Array {
  const below = Float64Array.from(counts)
  // A stack always comes after the one that it grew from.
  for (let stack = stacks.length - 1; stack > 0; stack--) {
    const parent = stacks.parents[stack] as number
    below[parent] = (below[parent] as number) + (below[stack] as number)
  }
  const [firstChild, sibling] = linkChildren(stacks)
  const total = new Float64Array(examples.length)
  const onPath = new Uint32Array(examples.length)
  const functionOf = (stack: number): number => ofFrames[stacks.frames[stack] as number] as number
  for (let at = firstChild[0] as number; at !== 0; ) {
    const number = functionOf(at)
    if (onPath[number] === 0) total[number] = (total[number] as number) + (below[at] as number)
    onPath[number] = (onPath[number] as number) + 1
    let next = firstChild[at] as number
    while (next === 0 && at !== 0) {
      const left = functionOf(at)
      onPath[left] = (onPath[left] as number) - 1
      next = sibling[at] as number
      at = stacks.parents[at] as number
    }
    at = next
  }
  return total
}

function linkChildren({ length, parents }: Profile['stacks']): [first: Uint32Array, sibling: Uint32Array] {
  const first = new Uint32Array(length)
  const sibling = new Uint32Array(length)
  for (let stack = length - 1; stack > 0; stack--) {
    const parent = parents[stack] as number
    sibling[stack] = first[parent] as number
    first[parent] = stack
  }
  return [first, sibling]
}

function shareLines({ frames, stacks }: Profile, counts: Float64Array): LineShare[] {
  const lines = new Map<string, { function: string; file: string; line: number; self: number }>()
  for (let stack = 1; stack < stacks.length; stack++) {
    const count = counts[stack] as number
    const frame = frames[stacks.frames[stack] as number]
    if (count === 0 || frame === undefined) continue
    const key = `${frame.line} ${frame.file}\0${frame.qualifiedName}`
    const line = lines.get(key) ?? { function: frame.qualifiedName, file: frame.file, line: frame.line, self: 0 }
    line.self += count
    lines.set(key, line)
  }
  return [...lines.values()].sort((a, b) => b.self - a.self).slice(0, TOP)
}
