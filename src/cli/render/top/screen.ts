// The whole screen of `remora top`, line by line: a heading, a page, and the keys. Never more lines than there are.

import type { TopDocument } from '../../../session/documents/index.js'
import { threadKey } from '../../../session/profile/top/thread-key.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import { cut, padEnd } from '../text/columns.js'
import { toTableLines } from '../text/table.js'
import { toHeading } from './heading.js'
import { helpLines } from './help.js'
import { type Page, threadLabel, toPage } from './rows.js'
import type { ScreenContext } from './screen-context.js'
import { heatStyle } from './shares.js'
import { renderSource } from './source-view.js'
import type { TopState } from './state.js'

export function renderScreen(document: TopDocument, state: TopState, context: ScreenContext): string[] {
  const { size, style } = context
  const [title = '', ...rest] = toHeading(document, state, size.columns).map((line) => cut(line, size.columns))
  const room = Math.max(size.rows - rest.length - 3, 0)
  const body = renderBody(document, state, { ...context, room }).slice(0, room)
  const blanks = Array.from({ length: room - body.length }, () => '')
  const footer = style('dim', cut(toFooter(state), size.columns))
  return [style('bold', title), ...rest, '', ...body, ...blanks, footer].slice(-size.rows)
}

interface BodyContext extends ScreenContext {
  readonly room: number
}

function renderBody(document: TopDocument, state: TopState, context: BodyContext): string[] {
  if (state.help) return helpLines.map((line) => cut(line, context.size.columns))
  if (state.opened !== undefined) return renderSource(state.opened, document, context, context.room)
  const page = toPage(document, state)
  if (page.rows.length === 0) return [emptyWords(document, state)]
  if (state.page !== 'threads') return renderRows(page, state, context)
  const half = Math.min(page.rows.length + 1, Math.ceil(context.room / 2))
  return [
    ...renderRows(page, state, { ...context, room: half }),
    '',
    ...renderStack(document, page.rows[selectedIndex(page, state)]?.key, context),
  ]
}

/** Where the cursor is; a row that has gone leaves it on the first one. */
export function selectedIndex({ rows }: Page, { selected }: Pick<TopState, 'selected'>): number {
  return Math.max(
    rows.findIndex(({ key }) => key === selected),
    0,
  )
}

function renderRows(page: Page, state: TopState, { size, style, room }: BodyContext): string[] {
  const selected = selectedIndex(page, state)
  const first = Math.max(selected - (room - 2), 0)
  const shown = page.rows.slice(first, first + Math.max(room - 1, 0))
  const cells = shown.map((row, index) => [first + index === selected ? '>' : ' ', ...row.cells])
  const [heading = '', ...lines] = toTableLines([' ', ...page.headings], cells, size.columns)
  return [
    style('bold', heading),
    ...lines.map((line, index) => {
      if (first + index === selected) return style('inverse', padEnd(line, size.columns))
      const heat = heatStyle(shown[index]?.heat ?? 0)
      return heat === undefined ? line : style(heat, line)
    }),
  ]
}

function renderStack(document: TopDocument, key: string | undefined, { size, style }: BodyContext): string[] {
  const thread = document.threads.find((one) => threadKey(one) === key)
  if (thread === undefined) return []
  const frames = thread.frames.map(({ qualifiedName, file, line }) => {
    return `  ${escapeControls(qualifiedName)} (${escapeControls(file)}:${line ?? '?'})`
  })
  const more = thread.moreFrames === 0 ? [] : [`  … ${thread.moreFrames} more calls`]
  const title = `Stack of ${threadLabel(thread)}, innermost call first`
  return [style('bold', cut(title, size.columns)), ...[...frames, ...more].map((line) => cut(line, size.columns))]
}

function emptyWords({ mode, taskCount }: TopDocument, { page, filter }: TopState): string {
  if (filter !== '') return '  Nothing contains the filter.'
  if (page === 'tasks' && taskCount === 0) return '  There are no asyncio tasks.'
  if (page === 'threads') return '  No thread runs Python code.'
  return `  No thread was ${idleWords[mode]} in this time.`
}

const idleWords: Readonly<Record<TopDocument['mode'], string>> = {
  wall: 'running Python code',
  cpu: 'on a CPU',
  gil: 'holding the GIL',
  exceptions: 'handling an exception',
}

function toFooter({ typing, filter, opened }: TopState): string {
  if (typing) return `filter: ${escapeControls(filter)}_   (Enter keeps it, Escape clears it)`
  if (opened !== undefined) return 'Escape back  arrows scroll  m mode  p pause  ? help  q quit'
  return '? help  s sort  m mode  / filter  Enter open  Escape back  p pause  q quit'
}
