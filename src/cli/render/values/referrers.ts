// What `remora inspect --refs` found: the object, and below it who refers to it, each with the path that leads through it.

import type { ReferrerInfo, ReferrersDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { cut, widthOf } from '../text/columns.js'
import { INCOMPLETE } from './instances.js'
import { DEFAULT_COLUMNS, renderVariable } from './variable.js'

/** A text that does not name its class. */
const BARE = /^[[({]/
const WORDS = { key: 'as a key', element: 'as an element', operand: 'on its stack', field: 'in a field of C' } as const

export function renderReferrers(document: ReferrersDocument, terminal: Pick<Terminal, 'style' | 'columns'>): string {
  const { value, total, scanned, complete, referrers } = document
  const none = complete ? 'Nothing refers to it' : 'Nothing was found to refer to it'
  const count = total === 0 ? none : total === 1 ? '1 refers to it' : `${total} refer to it`
  const missing = complete ? [] : [terminal.style('yellow', INCOMPLETE)]
  return [
    renderVariable(value, terminal),
    terminal.style('bold', `${count} (${scanned} objects and the calls of all threads were looked at)`),
    ...renderLevel({ referrers, total }, terminal, 1),
    ...missing,
    '',
  ].join('\n')
}

function renderLevel(
  { referrers = [], total = 0 }: Pick<ReferrerInfo, 'referrers' | 'total'>,
  terminal: Pick<Terminal, 'style' | 'columns'>,
  depth: number,
): string[] {
  const indent = '  '.repeat(depth)
  const lines = referrers.flatMap((referrer) => {
    return [indent + renderReferrer(referrer, terminal, indent.length), ...renderLevel(referrer, terminal, depth + 1)]
  })
  const more = total - referrers.length
  return more > 0 ? [...lines, indent + terminal.style('dim', `… and ${more} more`)] : lines
}

/** `@0x7f…[3]  list […]`: the path first, since that is what the next command takes. */
function renderReferrer(
  { holder, paths, as }: ReferrerInfo,
  { style, columns = DEFAULT_COLUMNS }: Pick<Terminal, 'style' | 'columns'>,
  used: number,
): string {
  const [path = holder.name, ...others] = paths.map(escapeControls)
  const also = others.length > 0 ? ` and ${others.length} more` : ''
  const how = as === undefined ? '' : ` (${WORDS[as]})`
  const start = `${path}${also}${how}`
  const room = Math.max(columns - used - widthOf(start) - 2, 20)
  const text = escapeControls(BARE.test(holder.text) ? `${holder.type} ${holder.text}` : holder.text)
  return `${style('cyan', path)}${also}${how}  ${style('dim', cut(text, room))}`
}
