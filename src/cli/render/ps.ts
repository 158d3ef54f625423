// The table of `remora ps`, and below it why some processes are not attachable: the reasons are sentences, and many
// processes share one.

import type { ProcessInfo, PsDocument } from '../../session/documents/index.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import type { Terminal } from '../terminal/terminal.js'
import { toTableLines } from './text/table.js'

const HEADINGS = ['PYTHON', 'USER', 'PORTS', 'ATTACH', 'COMMAND'] as const

export function renderProcesses({ processes }: PsDocument, { columns, style }: Terminal): string {
  // Numbers end below each other.
  const pids = ['PID', ...processes.map(({ pid }) => String(pid))]
  const width = Math.max(...pids.map(({ length }) => length))
  const [heading = '', ...pidCells] = pids.map((pid) => pid.padStart(width))
  const rows = processes.map((process, row) => [pidCells[row] ?? '', ...toCells(process)])
  const [first = '', ...rest] = toTableLines([heading, ...HEADINGS], rows, columns)
  const lines = rest.map((line, row) => (processes[row]?.attachable === true ? line : style('dim', line)))
  return [style('bold', first), ...lines, ...renderReasons(processes), ''].join('\n')
}

function toCells({ python, user, listening, attachable, command }: ProcessInfo): string[] {
  return [python ?? '?', escapeControls(user), listening.join(','), attachable ? 'yes' : 'no', escapeControls(command)]
}

function renderReasons(processes: readonly ProcessInfo[]): string[] {
  const pids = new Map<string, number[]>()
  for (const { pid, reason } of processes) {
    if (reason !== undefined) pids.set(reason, [...(pids.get(reason) ?? []), pid])
  }
  const lines = [...pids].map(([reason, which]) => `not attachable: ${which.join(', ')} (${escapeControls(reason)})`)
  return lines.length === 0 ? [] : ['', ...lines]
}
