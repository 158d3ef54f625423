// The rows of each page, filtered and in order.

import path from 'node:path'
import type { FunctionShareInfo, LineShareInfo, TopDocument, TopThreadInfo } from '../../../session/documents/index.js'
import { threadKey } from '../../../session/profile/top/thread-key.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import { percent } from './shares.js'
import type { TopState } from './state.js'

export interface Row {
  /** Names it from look to look. */
  readonly key: string
  readonly cells: readonly string[]
  /** Share of all that is shown, for its colour. */
  readonly heat: number
}

export interface Page {
  readonly headings: readonly string[]
  readonly rows: readonly Row[]
}

export function toPage(document: TopDocument, state: Pick<TopState, 'page' | 'sort' | 'filter'>): Page {
  const { headings, rows } = pageOf[state.page](document, state.sort)
  const filter = state.filter.toLowerCase()
  return { headings, rows: rows.filter(({ cells }) => cells.some((cell) => cell.toLowerCase().includes(filter))) }
}

type Sort = TopState['sort']

const pageOf: Readonly<Record<TopState['page'], (document: TopDocument, sort: Sort) => Page>> = {
  functions: toFunctions,
  lines: toLines,
  threads: toThreads,
  tasks: toTasks,
}

export function functionKey({
  function: name,
  file,
  line,
}: Pick<FunctionShareInfo, 'function' | 'file' | 'line'>): string {
  return `${line} ${file}\0${name}`
}

/** The function that a line belongs to. */
export function functionKeyOfLine({ function: name, file, functionLine }: LineShareInfo): string {
  return functionKey({ function: name, file, line: functionLine })
}

export function lineKey(line: LineShareInfo): string {
  return `${line.line} ${functionKeyOfLine(line)}`
}

export function threadLabel({ name, task }: TopThreadInfo): string {
  return escapeControls(task === undefined ? name : `${name}, ${task}`)
}

function toFunctions({ functions, samples }: TopDocument, sort: Sort): Page {
  const rows = functions.toSorted(bySharesOf(sort)).map((one) => ({
    key: functionKey(one),
    cells: [
      percent(one.self, samples),
      percent(one.total, samples),
      escapeControls(one.function),
      place(one.file, one.line),
    ],
    heat: one[sort] / Math.max(samples, 1),
  }))
  return { headings: ['   self', '  total', 'function', 'defined at'], rows }
}

function toLines({ lines, samples }: TopDocument, sort: Sort): Page {
  const rows = lines.toSorted(bySharesOf(sort)).map((one) => ({
    key: lineKey(one),
    cells: [
      percent(one.self, samples),
      percent(one.total, samples),
      place(one.file, one.line),
      escapeControls(one.function),
    ],
    heat: one[sort] / Math.max(samples, 1),
  }))
  return { headings: ['   self', '  total', 'line', 'in'], rows }
}

function toThreads({ threads, rounds, target }: TopDocument): Page {
  const rows = threads.map((thread) => {
    const [innermost] = thread.frames
    const at =
      innermost === undefined
        ? ''
        : `${escapeControls(innermost.qualifiedName)} (${place(innermost.file, innermost.line)})`
    const id = thread.pid === target.pid ? `${thread.nativeId}` : `${thread.pid}/${thread.nativeId}`
    const cells = [percent(thread.onCpu, rounds), percent(thread.holdingGil, rounds), id, threadLabel(thread), at]
    return { key: threadKey(thread), cells, heat: thread.onCpu / Math.max(rounds, 1) }
  })
  return { headings: ['    CPU', '    GIL', 'thread', 'name', 'at'], rows }
}

function toTasks({ tasks, threads }: TopDocument): Page {
  const names = new Map(threads.map((thread) => [thread.id, escapeControls(thread.name)]))
  const rows = tasks.map(({ id, name, threadId, state, ...at }) => {
    const innermost =
      at.function === undefined ? '' : `${escapeControls(at.function)} (${place(at.file ?? '?', at.line)})`
    const cells = [state, escapeControls(name), names.get(threadId ?? 0) ?? '', innermost]
    return { key: String(id), cells, heat: state === 'running' ? 1 : 0 }
  })
  return { headings: ['state', 'task', 'thread', 'at'], rows }
}

function bySharesOf(sort: Sort): (a: FunctionShareInfo, b: FunctionShareInfo) => number {
  const other = sort === 'self' ? 'total' : 'self'
  return (a, b) => b[sort] - a[sort] || b[other] - a[other]
}

function place(file: string, line: number | null | undefined): string {
  const name = escapeControls(path.basename(file))
  return line == null || line === 0 ? name : `${name}:${line}`
}
