// The lines of one function with their shares, as source with heat.

import path from 'node:path'
import type { LineShareInfo, TopDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import { cut } from '../text/columns.js'
import { functionKey, functionKeyOfLine } from './rows.js'
import type { ScreenContext } from './screen-context.js'
import { bar, heatStyle, percent } from './shares.js'
import type { OpenedFunction } from './state.js'

/** Of what comes before the hottest line, and behind the last one with a sample. */
const CONTEXT_LINES = 3
const BAR_COLUMNS = 10

export function renderSource(
  opened: OpenedFunction,
  document: TopDocument,
  { size, style, findLine }: ScreenContext,
  room: number,
): string[] {
  const lines = linesOf(opened, document)
  const first = opened.firstShown ?? firstShownOf(opened, document)
  const last = Math.max(...lines.map(({ line }) => line), opened.line) + CONTEXT_LINES
  const numbers = Array.from({ length: Math.max(Math.min(room - 1, last - first + 1), 0) }, (_, index) => first + index)
  const title = `${escapeControls(opened.function)} (${escapeControls(path.basename(opened.file))}:${opened.line})`
  const heading = `${'   self'}  ${'  total'}  ${' '.repeat(BAR_COLUMNS)}  ${title}`
  return [
    style('bold', cut(heading, size.columns)),
    ...numbers.map((number) => {
      const { self, total } = lines.find(({ line }) => line === number) ?? { self: 0, total: 0 }
      const share = total / Math.max(document.samples, 1)
      const shares =
        total === 0 ? ' '.repeat(16) : `${percent(self, document.samples)}  ${percent(total, document.samples)}`
      const source = escapeControls((findLine(opened.file, number) ?? '').replaceAll('\t', '    '))
      const text = `${shares}  ${bar(share, BAR_COLUMNS)}  ${String(number).padStart(5)}  ${source}`
      const heat = total === 0 ? undefined : heatStyle(share)
      const shown = cut(text, size.columns)
      return heat === undefined ? shown : style(heat, shown)
    }),
  ]
}

/** From where it is shown as long as nobody has moved: the hottest line is in sight, and what leads to it. */
export function firstShownOf(opened: OpenedFunction, document: TopDocument): number {
  const hottest = linesOf(opened, document).toSorted((a, b) => b.total - a.total)[0]
  return Math.max(opened.line, (hottest?.line ?? 0) - CONTEXT_LINES)
}

function linesOf(opened: OpenedFunction, { lines }: TopDocument): LineShareInfo[] {
  const key = functionKey(opened)
  return lines.filter((line) => line.line > 0 && functionKeyOfLine(line) === key)
}
