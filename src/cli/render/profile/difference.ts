// What has changed since an older recording: the functions that gained and that lost, in points of their own share.

import path from 'node:path'
import type { ProfileDifference } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import { toTableLines } from '../text/table.js'

const SHOWN = 6
/** What is rounded to nothing. */
const LEAST_POINTS = 0.05

export function renderDifference({ old, functions }: ProfileDifference, columns: number | undefined): string {
  const changes = functions
    .map(({ before, now, ...where }) => ({ ...where, now: now * 100, points: (now - before) * 100 }))
    .filter(({ points }) => Math.abs(points) >= LEAST_POINTS)
  const gained = changes.filter(({ points }) => points > 0).slice(0, SHOWN)
  const lost = changes.filter(({ points }) => points < 0).slice(0, SHOWN)
  const since = `since ${escapeControls(path.basename(old))}`
  if (gained.length + lost.length === 0) return `No function has another share of the samples ${since}.`
  const rows = [...gained, ...lost].map(({ points, now, function: name, file, line }) => [
    `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`,
    `${now.toFixed(1)} %`,
    escapeControls(name),
    line === 0 ? escapeControls(path.basename(file)) : `${escapeControls(path.basename(file))}:${line}`,
  ])
  return [
    `Points gained and lost ${since}:`,
    ...toTableLines(['points', 'self now', 'function', ''], rows, columns),
  ].join('\n')
}
