// Values as a tree: a line each, and below it what its line does not show. Where the text is whole and short that is what
// stands apart from it, if anything.

import type { Variable } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { cut, widthOf } from '../text/columns.js'

const INDENT = '  '
/** Where the output is no terminal. */
export const DEFAULT_COLUMNS = 120
/** Texts that name an object without showing what is inside. */
const OPAQUE = /^<|<[^<>]* at 0x/

/** The lines of `variable` and of what is inside it, without an end of line behind the last. */
export function renderVariable(variable: Variable, terminal: Pick<Terminal, 'style' | 'columns'>, depth = 0): string {
  const { columns = DEFAULT_COLUMNS, style } = terminal
  const { name, text, truncated, children = [] } = variable
  const printable = escapeControls(text)
  const indent = INDENT.repeat(depth)
  const start = name === '' ? indent : `${indent}${escapeControls(name)} = `
  const isWhole = truncated !== true && widthOf(start + printable) <= columns && !OPAQUE.test(printable)
  const line = name === '' ? indent : `${indent}${style('cyan', escapeControls(name))} = `
  const shown = isWhole ? children.filter(({ apart }) => apart) : children
  if (shown.length === 0) return line + printable
  const below = shown.map((child) => renderVariable(child, terminal, depth + 1))
  if (truncated === true) below.push(`${indent}${INDENT}${style('dim', '…')}`)
  return [line + cut(printable, Math.max(columns - widthOf(start), 20)), ...below].join('\n')
}
