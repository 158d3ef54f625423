// The checks of `remora doctor`, a line each, with what mends them below.

import type { DoctorDocument } from '../../session/documents/index.js'
import type { Terminal } from '../terminal/terminal.js'

const INDENT = '     '

export function renderDiagnosis({ checks }: DoctorDocument, { style }: Terminal): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  const lines = checks.flatMap(({ id, ok, detail, remedy }) => {
    const label = ok ? style('green', 'ok') : style('red', 'FAIL')
    const heading = `${label}${' '.repeat(INDENT.length - (ok ? 2 : 4))}${id.padEnd(width)}  ${detail}`
    return remedy === undefined ? [heading] : [heading, `${INDENT}${' '.repeat(width)}  ${remedy}`]
  })
  return [...lines, ''].join('\n')
}
