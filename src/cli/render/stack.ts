// Stacks as a person reads them: a heading a thread that says what it is doing, then its calls, the most recent first,
// with the source line and the part of it that is being run. Equal stacks of several processes are shown once.

import type { FrameInfo, StackDocument, ThreadStackInfo, Variable } from '../../session/documents/index.js'
import { describeWaitingOn } from '../../session/words/activity-words.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import type { Terminal } from '../terminal/terminal.js'
import { widthOf } from './text/columns.js'
import { renderVariable } from './values/variable.js'

type Styles = Pick<Terminal, 'style' | 'columns'>

export function renderStacks(documents: readonly StackDocument[], terminal: Styles): string {
  return groupEqual(documents)
    .map((group) => renderGroup(group, terminal))
    .join('\n')
}

/** Processes whose threads have the same names, states and frames. */
function groupEqual(documents: readonly StackDocument[]): StackDocument[][] {
  const groups = new Map<string, StackDocument[]>()
  for (const document of documents) {
    const shape = document.threads.map(({ name, state, waitingOn, frames }) => [
      name,
      state,
      waitingOn?.syscall,
      frames,
    ])
    const key = JSON.stringify([document.target.python, shape])
    groups.set(key, [...(groups.get(key) ?? []), document])
  }
  return [...groups.values()]
}

function renderGroup(group: readonly StackDocument[], terminal: Styles): string {
  const { style } = terminal
  const [first] = group as [StackDocument, ...StackDocument[]]
  const pids = group.map(({ target }) => target.pid).join(', ')
  const who = group.length === 1 ? `Process ${pids}` : `${group.length} processes with the same stacks: ${pids}`
  const heading = `${style('bold', who)}: ${escapeControls(first.target.command)} (CPython ${first.target.python})`
  return [heading, ...first.threads.map((thread) => renderThread(thread, terminal))].join('\n\n').concat('\n')
}

function renderThread(thread: ThreadStackInfo, terminal: Styles): string {
  const { style } = terminal
  const name = `Thread ${thread.nativeId} (${escapeControls(thread.name)})`
  const interpreter = thread.interpreter === 0 ? '' : ` of interpreter ${thread.interpreter}`
  const gil = thread.holdsGil ? ', holds the GIL' : ''
  const torn = thread.consistent ? '' : style('yellow', ' [moved while it was read; may be wrong]')
  const heading = `${style('bold', name)}${interpreter}: ${renderState(thread)}${gil}${torn}`
  if (thread.frames.length === 0) return `${heading}\n  runs no Python code`
  return [heading, ...thread.frames.map((frame) => renderFrame(frame, terminal))].join('\n')
}

function renderState({ state, waitingOn }: ThreadStackInfo): string {
  if (state === 'runnable') return 'waits for the GIL'
  if (waitingOn === undefined) return state
  return `${state} in ${describeWaitingOn(waitingOn)}`
}

function renderFrame(frame: FrameInfo, terminal: Styles): string {
  const { style } = terminal
  const { file, line, qualifiedName } = frame
  const place = `  File "${escapeControls(file)}", line ${line ?? '?'}, in ${style('cyan', escapeControls(qualifiedName))}`
  const variables = shownLocals(frame).map((variable) => renderVariable(variable, terminal, 3))
  return [place, ...renderSource(frame, terminal), ...variables].join('\n')
}

const DEFINITIONS = new Set(['module', 'function', 'type', 'builtin_function_or_method'])

/** The variables of a module are mostly what it imports and defines, which its source says better. */
function shownLocals({ function: name, locals = [] }: FrameInfo): readonly Variable[] {
  if (name !== '<module>') return locals
  return locals.filter((variable) => !variable.name.startsWith('__') && !DEFINITIONS.has(variable.type))
}

/** The line without its indentation, and marks below the part that is being run unless that is all of it. */
function renderSource({ source, line, endLine, column, endColumn }: FrameInfo, { style }: Styles): string[] {
  if (source === undefined || source.trim() === '') return []
  const text = source.trim()
  const indentation = source.length - source.trimStart().length
  const shown = `    ${escapeControls(text)}`
  if (column === null || endColumn === null) return [shown]
  const start = Math.max(lengthOf(source, column) - indentation, 0)
  const end = endLine === line ? lengthOf(source, endColumn) - indentation : text.length
  if (start === 0 && end >= text.length) return [shown]
  const before = widthOf(escapeControls(text.slice(0, start)))
  const marked = widthOf(escapeControls(text.slice(start, end)))
  return [shown, `    ${' '.repeat(before)}${style('red', '^'.repeat(Math.max(marked, 1)))}`]
}

/** What Python calls a column is a byte of UTF-8. */
function lengthOf(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length
}
