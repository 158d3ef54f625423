// How wide a text is on a terminal, and how it is cut and filled up. What counts is columns: two for a Chinese character
// or an emoji, none for a combining mark. The only place that measures text; who prints knows nothing of characters.

import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/** Characters of one column each, with those that Remora draws with. */
const NARROW = /^[ -~\u00a0-\u00ac\u00ae-\u02ff\u2026\u2190\u2212\u2500-\u259f]*$/
/**
 * These, and the letters and punctuation of Chinese, Japanese and Korean, of two columns each. None joins with another, so
 * that no table is loaded for them: at its first text, that takes longer than half of a short command.
 */
const SIMPLE =
  /^[ -~\u00a0-\u00ac\u00ae-\u02ff\u2026\u2190\u2212\u2500-\u259f\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/
const FIRST_WIDE = 0x3000

export function widthOf(text: string): number {
  const plain = withoutStyles(text)
  if (NARROW.test(plain)) return plain.length
  return SIMPLE.test(plain) ? simpleWidthOf(plain) : stringWidth(plain)
}

function simpleWidthOf(text: string): number {
  let width = text.length
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= FIRST_WIDE) width++
  return width
}

/** The text if it fits, else as much of its beginning as does, and `…`. Styles go through whole. */
export function cut(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${takeColumns(text, columns - 1)}…`
}

/** As `cut`, with the end of a plain text. */
export function cutStart(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  const kept = [...graphemesOf(text)].toReversed()
  return `…${kept
    .slice(0, countFitting(kept, columns - 1))
    .toReversed()
    .join('')}`
}

/** Filled up with blanks. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0))
}

/** How many rows of a terminal a line takes. A wide character never stands on two of them. */
export function heightOf(line: string, columns: number): number {
  const plain = withoutStyles(line)
  if (NARROW.test(plain)) return Math.max(Math.ceil(plain.length / columns), 1)
  let [rows, used] = [1, 0]
  for (const grapheme of graphemesOf(plain)) {
    const width = widthOf(grapheme)
    if (used + width > columns) [rows, used] = [rows + 1, 0]
    used += width
  }
  return rows
}

function withoutStyles(text: string): string {
  return text.includes(ESCAPE) ? stripVTControlCharacters(text) : text
}

const ESCAPE = '\u001b'
/** What colours a text, and what ends that. */
const STYLE = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`)

/** The beginning of a text. All its styles are kept, as the last of them gives the terminal its colours back. */
function takeColumns(text: string, columns: number): string {
  if (NARROW.test(text)) return text.slice(0, Math.max(columns, 0))
  let [taken, left] = ['', columns]
  // Every second part is a style.
  for (const [index, part] of text.split(STYLE).entries()) {
    if (index % 2 === 1) {
      taken += part
      continue
    }
    for (const grapheme of graphemesOf(part)) {
      left -= widthOf(grapheme)
      if (left < 0) break
      taken += grapheme
    }
  }
  return taken
}

function countFitting(graphemes: readonly string[], columns: number): number {
  let used = 0
  const first = graphemes.findIndex((grapheme) => {
    used += widthOf(grapheme)
    return used > columns
  })
  return first < 0 ? graphemes.length : first
}

let segmenter: Intl.Segmenter | undefined

/** What a reader takes for one character each. */
function* graphemesOf(text: string): Generator<string> {
  if (SIMPLE.test(text)) return yield* text
  segmenter ??= new Intl.Segmenter()
  for (const { segment } of segmenter.segment(text)) yield segment
}
