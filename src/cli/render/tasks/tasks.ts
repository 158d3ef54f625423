// The table of `remora tasks`, and below it what is wrong with the whole. The tree is in `task-tree.ts`.

import path from 'node:path'
import type { FrameInfo, TaskInfo, TasksDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { toTableLines } from '../text/table.js'
import { toLabels, toRemarks } from './task-label.js'

export function renderTasks(document: TasksDocument, { columns, style }: Terminal): string {
  const { tasks, threads } = document
  const labels = toLabels(tasks)
  const threadNames = new Map(threads.map(({ id, name }) => [id, escapeControls(name)]))
  // One thread for all goes without saying, and so does what none of them has.
  const manyThreads = new Set(tasks.map(({ threadId }) => threadId)).size > 1
  const columnsOfCells: [heading: string, ...cells: string[]][] = [
    ['TASK', ...tasks.map(({ id }) => labels.get(id) ?? '?')],
    ['STATE', ...tasks.map(toState)],
    ['THREAD', ...tasks.map(({ threadId }) => (manyThreads ? (threadNames.get(threadId ?? 0) ?? '?') : ''))],
    ['WAITS FOR', ...tasks.map((task) => toWait(task, labels))],
    ['AWAITED BY', ...tasks.map(({ awaitedBy }) => awaitedBy.map((id) => labels.get(id) ?? '?').join(', '))],
    ['CALLS', ...tasks.map(({ coroutines }) => toCalls(coroutines))],
  ]
  const shown = columnsOfCells.filter(([, ...cells]) => cells.some((cell) => cell !== ''))
  const headings = shown.map(([heading]) => heading)
  const rows = tasks.map((_, row) => shown.map((cells) => cells[row + 1] ?? ''))
  const [heading = '', ...lines] = toTableLines(headings, rows, columns)
  const remarks = toRemarks(document, labels)
  return [style('bold', heading), ...lines, ...(remarks.length === 0 ? [] : ['', ...remarks]), ''].join('\n')
}

/** `waiting`, and whatever else should not be overlooked. */
export function toState({ state, cancelRequests, consistent }: TaskInfo): string {
  return [state, ...(cancelRequests === undefined ? [] : ['cancelling']), ...(consistent ? [] : ['uncertain'])].join(
    ', ',
  )
}

/** The task, or the kind of future, on which it waits. */
export function toWait({ waitsFor }: TaskInfo, labels: ReadonlyMap<number, string>): string {
  return waitsFor === undefined ? '' : (labels.get(waitsFor.id) ?? escapeControls(waitsFor.type))
}

function toCalls(frames: readonly FrameInfo[]): string {
  return frames
    .map(({ qualifiedName, file, line }, index) => {
      const name = escapeControls(qualifiedName)
      return index === 0 ? `${name} (${escapeControls(path.basename(file))}:${line ?? '?'})` : name
    })
    .join(' ← ')
}
