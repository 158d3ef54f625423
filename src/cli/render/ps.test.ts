import { expect, test } from 'vitest'
import type { ProcessInfo } from '../../session/documents/index.js'
import type { Terminal } from '../terminal/terminal.js'
import { renderProcesses } from './ps.js'

const python: ProcessInfo = {
  pid: 7,
  python: '3.14.8',
  implementation: 'CPython',
  executable: '/usr/bin/python3.14',
  command: 'python3.14 -c import app\napp.run()',
  user: 'www-data',
  startedAt: '2026-01-01T00:00:00.000Z',
  listening: [8000, 8001],
  attachable: true,
}
const old: ProcessInfo = {
  ...python,
  pid: 1234,
  python: '3.11',
  user: 'root',
  listening: [],
  attachable: false,
  reason: 'Python 3.11 is older than 3.14',
}
const { python: _, ...unknown } = { ...old, pid: 1300, reason: 'only root may read it' }

function render(processes: ProcessInfo[], columns?: number): string {
  const terminal = { columns, style: (_format: string, text: string) => text } as Terminal
  return renderProcesses({ schema: 'remora.ps/1', takenAt: '', processes }, terminal)
}

test('a table, and below it the reasons with the processes that share them', () => {
  expect(render([python, old, { ...old, pid: 1235 }, unknown])).toBe(
    [
      ' PID  PYTHON  USER      PORTS      ATTACH  COMMAND',
      '   7  3.14.8  www-data  8000,8001  yes     python3.14 -c import app\\napp.run()',
      '1234  3.11    root                 no      python3.14 -c import app\\napp.run()',
      '1235  3.11    root                 no      python3.14 -c import app\\napp.run()',
      '1300  ?       root                 no      python3.14 -c import app\\napp.run()',
      '',
      'not attachable: 1234, 1235 (Python 3.11 is older than 3.14)',
      'not attachable: 1300 (only root may read it)',
      '',
    ].join('\n'),
  )
})

test('on a terminal no line of the table is longer than it is wide', () => {
  expect(render([python], 50)).toBe(
    [
      'PID  PYTHON  USER      PORTS      ATTACH  COMMAND',
      '  7  3.14.8  www-data  8000,8001  yes     python3…',
      '',
    ].join('\n'),
  )
})

test('columns are aligned where names are wide, and no character is cut in two', () => {
  const wide = { ...python, user: '利用者', command: 'python3.14 注文処理.py' }
  expect(render([wide, old], 54)).toBe(
    [
      ' PID  PYTHON  USER    PORTS      ATTACH  COMMAND',
      '   7  3.14.8  利用者  8000,8001  yes     python3.14 …',
      '1234  3.11    root               no      python3.14 -…',
      '',
      'not attachable: 1234 (Python 3.11 is older than 3.14)',
      '',
    ].join('\n'),
  )
})
