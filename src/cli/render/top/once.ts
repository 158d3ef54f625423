// One look of `remora top` as a text: for a file, a pipe, or what stays in the terminal when the screen is gone.

import type { TopDocument } from '../../../session/documents/index.js'
import type { Terminal } from '../../terminal/terminal.js'
import { toTableLines } from '../text/table.js'
import { toHeading } from './heading.js'
import { toPage } from './rows.js'
import type { TopPage, TopState } from './state.js'

const SHOWN: Readonly<Record<TopPage, number>> = { functions: 20, lines: 10, threads: 20, tasks: 10 }

export function renderOnce(document: TopDocument, state: TopState, { style, columns }: Styles): string {
  const [title = '', vitalSigns = ''] = toHeading(document, state)
  const about = `${document.mode}, ${(document.windowMs / 1000).toFixed(1)} s, by ${state.sort}`
  const tables = (Object.keys(SHOWN) as TopPage[]).flatMap((page) => {
    const { headings, rows } = toPage(document, { ...state, page })
    if (rows.length === 0) return []
    const shown = rows.slice(0, SHOWN[page]).map(({ cells }) => cells)
    const [heading = '', ...lines] = toTableLines(headings, shown, columns)
    const left = rows.length - shown.length
    return [[style('bold', heading), ...lines, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n')]
  })
  return `${[[style('bold', title), vitalSigns, about].join('\n'), ...tables].join('\n\n')}\n`
}

type Styles = Pick<Terminal, 'style' | 'columns'>
