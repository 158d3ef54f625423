import { expect, test } from 'vitest'
import type { FrameInfo } from '../../session/documents/index.js'
import { renderStacks } from './stack.js'

const terminal = { columns: undefined, style: (_format: string, text: string) => text }

function render(frame: FrameInfo): string {
  const target = { pid: 7, python: '3.14.8', executable: '/usr/bin/python3.14', command: 'python3.14 app.py' }
  const thread = { id: 1, nativeId: 7, name: '背景スレッド', main: true, interpreter: 0, holdsGil: false }
  return renderStacks(
    [
      {
        schema: 'remora.stack/1',
        target,
        takenAt: '',
        consistent: true,
        threads: [{ ...thread, state: 'running', consistent: true, frames: [frame] }],
      },
    ],
    terminal,
  )
}

/** The call of `part` in the only line of a function. */
function frameIn(source: string, part: string): FrameInfo {
  const column = Buffer.byteLength(source.slice(0, source.indexOf(part)))
  const place = { file: '/srv/作業.py', line: 3, endLine: 3, column, endColumn: column + Buffer.byteLength(part) }
  return { function: '計算', qualifiedName: '計算', ...place, source }
}

test('the marks stand below what is being run, whatever stands before it', () => {
  expect(render(frameIn('    値 = f(1) + 計算(秒)', '計算(秒)'))).toBe(
    [
      'Process 7: python3.14 app.py (CPython 3.14.8)',
      '',
      'Thread 7 (背景スレッド): running',
      '  File "/srv/作業.py", line 3, in 計算',
      '    値 = f(1) + 計算(秒)',
      '                ^^^^^^^^',
      '',
    ].join('\n'),
  )
})

test('nothing is marked where all of the line is being run', () => {
  expect(render(frameIn('  計算(秒)', '計算(秒)'))).not.toContain('^')
})
