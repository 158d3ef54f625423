// The account that a program keeps of itself, and that which the kernel keeps of its threads, held against samples of it.
// On a busy machine one second is not like the next, so it is the time of the samples that counts, and no other.

import fs from 'node:fs'

/** A part of a program, and when it was in it, in seconds of the clock that `now` tells. */
export type Span = readonly [part: string, start: number, end: number]

/** Somewhere between two moments it was sampled for so many seconds. */
export interface Sampled {
  readonly from: number
  readonly until: number
  readonly seconds: number
}

export interface Range {
  readonly least: number
  readonly most: number
}

/** The monotonic clock, by which Python's `time.perf_counter()` goes as well. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e9
}

/**
 * The share of `part` in the time that was sampled, or, with `among`, in that part of it that was spent in these. When the
 * sampling began is not told: it is the least and the most for any moment that may be.
 */
export function shareOf(spans: readonly Span[], part: string, sampled: Sampled, among?: readonly string[]): Range {
  const { from, until, seconds } = sampled
  const latest = Math.max(from, until - seconds)
  const shares: number[] = []
  for (let start = from; ; start = Math.min(start + STEP, latest)) {
    const whole = among === undefined ? seconds : secondsIn(spans, among, start, start + seconds)
    shares.push(secondsIn(spans, [part], start, start + seconds) / whole)
    if (start >= latest) break
  }
  return { least: Math.min(...shares), most: Math.max(...shares) }
}

/** As fine as a part is short. */
const STEP = 0.001

/**
 * The most that rounds which came late can do to a share: `late` of them, made up for together after gaps of `gap` seconds,
 * in so many seconds of samples. All that are made up for together find the program in one place, which stands for the
 * whole gap, so that there are as few independent looks as there are gaps; three standard deviations of these.
 */
export function errorOfLate(late: number, gap: number, seconds: number): number {
  return Math.min(late, 3 * Math.sqrt(0.25 * late * (gap / seconds)))
}

function secondsIn(spans: readonly Span[], parts: readonly string[], from: number, until: number): number {
  let sum = 0
  for (const [part, start, end] of spans) {
    if (parts.includes(part)) sum += Math.max(0, Math.min(end, until) - Math.max(start, from))
  }
  return sum
}

/** For how many seconds a process has been on a CPU, to a hundredth. */
export function readRunSeconds(pid: number): number {
  const [user, system] = fs
    .readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** For how many seconds a thread has been on a CPU, and has waited for one, since it began. */
export interface CpuTime {
  readonly ran: number
  readonly queued: number
}

export function wantedSeconds({ ran, queued }: CpuTime): number {
  return ran + queued
}

const NONE: CpuTime = { ran: 0, queued: 0 }

export function cpuTimeBetween(
  before: ReadonlyMap<number, CpuTime>,
  after: ReadonlyMap<number, CpuTime>,
  thread: number | undefined,
): CpuTime {
  const [first, last] = [before, after].map((times) => times.get(thread ?? 0) ?? NONE) as [CpuTime, CpuTime]
  return { ran: last.ran - first.ran, queued: last.queued - first.queued }
}

/** Of each thread of a process, by its native ID. Nothing where the kernel does not say. */
export function readCpuTimes(pid: number): ReadonlyMap<number, CpuTime> {
  const folder = `/proc/${pid}/task`
  const times = new Map<number, CpuTime>()
  for (const task of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    try {
      const words = fs.readFileSync(`${folder}/${task}/schedstat`, 'latin1').split(' ')
      times.set(Number(task), { ran: Number(words[0]) / 1e9, queued: Number(words[1]) / 1e9 })
    } catch {
      // It has just ended, or this kernel does not count.
    }
  }
  return times
}
