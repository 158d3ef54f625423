// Names as people read them: of threads and of frames, the same in every format.

import type { ProfileFrame, ProfileThread } from '../profile.js'

/** One name a thread or task, each different from the others. */
export function threadLabels(threads: readonly ProfileThread[]): string[] {
  const severalProcesses = new Set(threads.map(({ pid }) => pid)).size > 1
  const labels = threads.map(({ pid, id, name, task }) => {
    const process = severalProcesses ? `process ${pid}: ` : ''
    return `${process}${name || `thread ${id}`}${task === undefined ? '' : `: ${task}`}`
  })
  const uses = new Map<string, number>()
  for (const label of labels) uses.set(label, (uses.get(label) ?? 0) + 1)
  const seen = new Map<string, number>()
  return labels.map((label, at) => {
    if (uses.get(label) === 1) return label
    const withId = `${label} (${threads[at]?.nativeId ?? at})`
    const before = seen.get(withId) ?? 0
    seen.set(withId, before + 1)
    return before === 0 ? withId : `${withId} ${before + 1}`
  })
}

/** `Job.run (shop/jobs.py:12)`, with the last two parts of the path. */
export function frameLabel(frame: ProfileFrame): string {
  const { qualifiedName, file, line } = frame
  if (file === '') return qualifiedName
  return `${qualifiedName} (${shortPath(file)}${line > 0 ? `:${line}` : ''})`
}

/** `Job.run (shop/jobs.py)`: the same for all lines of a function. */
export function functionLabel({ qualifiedName, file }: ProfileFrame): string {
  return file === '' ? qualifiedName : `${qualifiedName} (${shortPath(file)})`
}

function shortPath(file: string): string {
  return file.split('/').slice(-2).join('/')
}
