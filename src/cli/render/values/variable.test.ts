import { expect, test } from 'vitest'
import type { Variable } from '../../../session/documents/index.js'
import type { Terminal } from '../../terminal/terminal.js'
import { renderVariable } from './variable.js'

const render = (variable: Variable, columns?: number) =>
  renderVariable(variable, { columns, style: (_format: string, text: string) => text } as Terminal)
const item = (name: string, text: string): Variable => ({ name, type: 'int', text })
const list = (text: string, ...children: Variable[]): Variable => ({ name: 'items', type: 'list', text, children })

test('what is whole and short is one line', () => {
  expect(render(list('[1, 2]', item('[0]', '1'), item('[1]', '2')))).toBe('items = [1, 2]')
})

test('what does not fit shows below what is inside', () => {
  expect(
    render(list('[111111111111111111, 2222222]', item('[0]', '111111111111111111'), item('[1]', '2222222')), 30),
  ).toBe(['items = [111111111111111111, …', '  [0] = 111111111111111111', '  [1] = 2222222'].join('\n'))
})

test('so does an object that only names itself, and what was cut says so', () => {
  const job: Variable = { name: 'job', type: 'app.Job', text: '<app.Job object at 0x7f>', children: [item('id', '1')] }
  expect(render({ ...list('[<app.Job object at 0x7f>, …]', { ...job, name: '[0]' }), truncated: true })).toBe(
    ['items = [<app.Job object at 0x7f>, …]', '  [0] = <app.Job object at 0x7f>', '    id = 1', '  …'].join('\n'),
  )
})

test('below a text that is whole stands what is apart from it', () => {
  const cause: Variable = { name: '__cause__', type: 'KeyError', text: "KeyError('k')", apart: true }
  const error: Variable = {
    name: 'error',
    type: 'ValueError',
    text: "ValueError('a')",
    children: [item('args', "('a',)"), cause],
  }
  expect(render(error)).toBe("error = ValueError('a')\n  __cause__ = KeyError('k')")
})

test('elements of sets have no names, and names no control characters', () => {
  expect(render({ name: 'a\x1b', type: 'set', text: '<x at 0x1>', children: [item('', '1')] })).toBe(
    'a\\x1b = <x at 0x1>\n  1',
  )
})
