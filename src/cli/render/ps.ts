// The table of `remora ps`, and below it why some processes are not attachable: the reasons are sentences, and many
// processes share one.

import type { ProcessInfo, PsDocument } from '../../session/documents/index.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import type { Terminal } from '../terminal/terminal.js'

const HEADINGS = ['PID', 'PYTHON', 'USER', 'PORTS', 'ATTACH', 'COMMAND'] as const
const GAP = '  '

export function renderProcesses({ processes }: PsDocument, { columns, style }: Terminal): string {
  const rows = processes.map(toCells)
  const widths = HEADINGS.map((heading, column) => {
    return Math.max(heading.length, ...rows.map((cells) => (cells[column] ?? '').length))
  })
  const toLine = (cells: readonly string[]): string => cut(align(cells, widths), columns)
  const lines = rows.map((cells, row) => {
    const line = toLine(cells)
    return processes[row]?.attachable === true ? line : style('dim', line)
  })
  return [style('bold', toLine(HEADINGS)), ...lines, ...renderReasons(processes), ''].join('\n')
}

function toCells({ pid, python, user, listening, attachable, command }: ProcessInfo): string[] {
  return [
    String(pid),
    python ?? '?',
    escapeControls(user),
    listening.join(','),
    attachable ? 'yes' : 'no',
    escapeControls(command),
  ]
}

/** PIDs to the right, the rest to the left; the command, which comes last, is as long as it is. */
function align(cells: readonly string[], widths: readonly number[]): string {
  const last = cells.length - 1
  return cells
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padStart(width) : column === last ? cell : cell.padEnd(width)
    })
    .join(GAP)
}

function cut(line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns) return line
  return `${line.slice(0, Math.max(columns - 1, 0))}…`
}

function renderReasons(processes: readonly ProcessInfo[]): string[] {
  const pids = new Map<string, number[]>()
  for (const { pid, reason } of processes) {
    if (reason !== undefined) pids.set(reason, [...(pids.get(reason) ?? []), pid])
  }
  const lines = [...pids].map(([reason, which]) => `not attachable: ${which.join(', ')} (${escapeControls(reason)})`)
  return lines.length === 0 ? [] : ['', ...lines]
}
