// From a window of samples to the document of `remora top`. Long lists are cut to what stands out, unless all is wanted.

import type { LiveShare, LiveThread, LiveView, LiveWindow } from '../../../profile/live/live-window.js'
import type { ProfileFrame } from '../../../profile/profile.js'
import type {
  FrameInfo,
  FunctionShareInfo,
  LineShareInfo,
  TaskInfo,
  TopDocument,
  TopTaskInfo,
  TopThreadInfo,
} from '../../documents/index.js'
import { threadKey } from './thread-key.js'

export interface TopView {
  readonly mode: LiveView['mode']
  /** Only what this thread, or task on it, does; named by its `threadKey`. */
  readonly thread?: string
  /** All functions, lines and tasks, not only the first of them. */
  readonly all?: boolean
}

/** What is known beside the samples. */
export interface TopSituation extends Pick<TopDocument, 'target' | 'ended' | 'stopped' | 'durationMs'> {
  readonly takenAt: Date
  readonly cpuMs: number
  readonly tasks: readonly TaskInfo[]
}

/** By own samples, and as many by all. */
const SHOWN_SHARES = 50
const SHOWN_TASKS = 100

export function toTopDocument(window: LiveWindow, view: TopView, situation: TopSituation): TopDocument {
  const summary = window.summarize({ mode: view.mode, ...chooseThread(window, view.thread) })
  const { takenAt, cpuMs, tasks, durationMs, ...about } = situation
  return {
    schema: 'remora.top/1',
    ...about,
    takenAt: takenAt.toISOString(),
    durationMs: Math.round(durationMs),
    windowMs: Math.round(summary.durationMs),
    mode: view.mode,
    rounds: summary.rounds,
    late: summary.late,
    rateHz: rounded(summary.durationMs === 0 ? 0 : (summary.rounds * 1000) / summary.durationMs),
    samples: summary.samples,
    failed: summary.failed,
    cpuMsPerSecond: rounded(durationMs === 0 ? 0 : (cpuMs * 1000) / durationMs),
    functions: selectShares(summary.functions, view).map(toFunction),
    lines: selectShares(summary.lines, view).map(toLine),
    threads: summary.threads.map(toThread),
    taskCount: tasks.length,
    tasks: (view.all === true ? tasks : tasks.slice(0, SHOWN_TASKS)).map(toTask),
    history: summary.history.map(({ rateHz, onCpu, holdingGil }) => ({
      rateHz: rounded(rateHz),
      onCpu: rounded(onCpu),
      holdingGil: rounded(holdingGil),
    })),
  }
}

/** A thread that has ended has no samples any more. */
function chooseThread(window: LiveWindow, key: string | undefined): Pick<LiveView, 'thread'> {
  if (key === undefined) return {}
  return { thread: window.threads.find(({ thread }) => threadKey(thread) === key)?.index ?? -1 }
}

function selectShares(shares: readonly LiveShare[], { all }: TopView): readonly LiveShare[] {
  if (all === true || shares.length <= SHOWN_SHARES) return shares
  const byTotal = new Set(shares.toSorted((a, b) => b.total - a.total).slice(0, SHOWN_SHARES))
  return shares.filter((share, index) => index < SHOWN_SHARES || byTotal.has(share))
}

function toFunction({ frame, self, total }: LiveShare): FunctionShareInfo {
  return { function: frame.qualifiedName, file: frame.file, line: frame.firstLine, self, total }
}

function toLine({ frame, self, total }: LiveShare): LineShareInfo {
  const { qualifiedName, file, line, firstLine } = frame
  return { function: qualifiedName, file, line, functionLine: firstLine, self, total }
}

function toThread({ thread, index: _, frames, ...counts }: LiveThread): TopThreadInfo {
  return { ...thread, ...counts, frames: frames.map(toFrame) }
}

function toFrame({ function: name, qualifiedName, file, ...place }: ProfileFrame): FrameInfo {
  return {
    function: name,
    qualifiedName,
    file,
    line: place.line === 0 ? null : place.line,
    endLine: place.endLine === 0 ? null : place.endLine,
    column: place.column < 0 ? null : place.column,
    endColumn: place.endColumn < 0 ? null : place.endColumn,
  }
}

function toTask({ id, name, threadId, state, coroutines }: TaskInfo): TopTaskInfo {
  const [innermost] = coroutines
  return {
    id,
    name,
    ...(threadId === undefined ? {} : { threadId }),
    state,
    ...(innermost === undefined ? {} : { function: innermost.qualifiedName, file: innermost.file }),
    ...(innermost?.line == null ? {} : { line: innermost.line }),
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
