// The screen of `remora top` for documents that are known, and what keys make of its state.

import { describe, expect, test } from 'vitest'
import type { TopDocument } from '../../../session/documents/index.js'
import type { Key } from '../../terminal/full-screen.js'
import { press } from './keys.js'
import { renderScreen } from './screen.js'
import { sparkline } from './sparkline.js'
import { initialState, type TopState } from './state.js'

const share = (name: string, line: number, self: number, total = self) => ({
  function: name,
  file: '/srv/shop/app.py',
  line,
  self,
  total,
})

const document: TopDocument = {
  schema: 'remora.top/1',
  target: { pid: 1234, python: '3.14.8', executable: '/usr/bin/python3.14', command: 'python3.14 app.py' },
  takenAt: '2026-02-03T04:05:06.000Z',
  stopped: false,
  durationMs: 12_000,
  windowMs: 10_000,
  mode: 'wall',
  rounds: 2000,
  late: 0,
  rateHz: 200,
  samples: 4000,
  failed: 2,
  cpuMsPerSecond: 21,
  functions: [
    share('Cart.total', 10, 2800),
    share('wait', 40, 1000),
    share('ring\x07', 50, 200),
    share('main', 1, 0, 2800),
  ],
  lines: [
    { ...share('Cart.total', 12, 2400), functionLine: 10 },
    { ...share('Cart.total', 14, 400), functionLine: 10 },
    { ...share('wait', 41, 1000), functionLine: 40 },
  ],
  threads: ['MainThread', 'worker'].map((name, index) => ({
    pid: 1234,
    id: 9 + index,
    nativeId: 1234 + index,
    name,
    main: index === 0,
    samples: 2000,
    onCpu: index === 0 ? 1900 : 0,
    holdingGil: index === 0 ? 1800 : 0,
    collectingGarbage: 0,
    handlingException: 0,
    frames: [
      {
        function: 'total',
        qualifiedName: index === 0 ? 'Cart.total' : 'wait',
        file: '/srv/shop/app.py',
        line: index === 0 ? 12 : 41,
        endLine: 12,
        column: 0,
        endColumn: 1,
      },
    ],
    moreFrames: index * 7,
  })),
  taskCount: 0,
  tasks: [],
  history: [
    { rateHz: 200, onCpu: 1, holdingGil: 0.5 },
    { rateHz: 100, onCpu: 0.5, holdingGil: 0 },
  ],
}

const size = { columns: 80, rows: 12 }
const source = ['def total(self):', '\tsum = 0', '\tfor item in self.items:', '', '\t\tsum += item.price']

function screen(state: Partial<TopState>, shown: TopDocument = document, ownSize = size): string {
  const findLine = (_: string, line: number): string | undefined => source[line - 10]
  const lines = renderScreen(
    shown,
    { ...initialState, ...state },
    { size: ownSize, style: (_, text) => text, findLine },
  )
  return lines.map((line) => line.trimEnd()).join('\n')
}

const key = (name: string, text?: string): Key => ({ name, text, ctrl: false })

/** The state after these keys; characters that are no names are typed. */
function pressed(state: Partial<TopState>, ...names: readonly string[]): TopState | undefined {
  return names.reduce<TopState | undefined>(
    (now, name) => now && press(now, name.length === 1 ? key(name, name) : key(name), document),
    { ...initialState, ...state },
  )
}

describe('the screen', () => {
  test('functions', () => {
    expect(screen({})).toBe(
      [
        '1234  python3.14 app.py  (Python 3.14.8)',
        'CPU    █▅ 75 %  GIL    ▅▁ 25 %  rate    █▅ 200 Hz  2 threads  Remora 2.1 %  2 f…',
        '[1 functions] 2 lines  3 threads  4 tasks   wall, 10 s, by self',
        '',
        '      self    total  function    defined at',
        '>   70.0 %   70.0 %  Cart.total  app.py:10',
        '    25.0 %   25.0 %  wait        app.py:40',
        '     5.0 %    5.0 %  ring\\x07    app.py:50',
        '     0.0 %   70.0 %  main        app.py:1',
        '',
        '',
        '? help  s sort  m mode  / filter  Enter open  Escape back  p pause  q quit',
      ].join('\n'),
    )
  })

  test('functions whose names are wide', () => {
    const functions = [share('計算する', 10, 2800), share('wait', 40, 1000)]
    const shown = { ...document, functions, target: { ...document.target, command: 'python3.14 注文.py' } }
    const inverse: string[] = []
    const lines = renderScreen(shown, initialState, {
      size: { columns: 33, rows: 12 },
      style: (format, text) => {
        if (format === 'inverse') inverse.push(text)
        return text
      },
      findLine: () => undefined,
    })
    expect([lines[0], ...lines.slice(4, 7)]).toEqual([
      '1234  python3.14 注文.py  (Pytho…',
      '      self    total  function  d…',
      '>   70.0 %   70.0 %  計算する  a…',
      '    25.0 %   25.0 %  wait      a…',
    ])
    expect(inverse).toEqual(['>   70.0 %   70.0 %  計算する  a…'])
  })

  test('the lines of a function, with heat', () => {
    const opened = { function: 'Cart.total', file: '/srv/shop/app.py', line: 10 }
    expect(screen({ opened }).split('\n').slice(4, 10)).toEqual([
      '   self    total              Cart.total (app.py:10)',
      '                                 10  def total(self):',
      '                                 11      sum = 0',
      ' 60.0 %   60.0 %  ██████         12      for item in self.items:',
      '                                 13',
      ' 10.0 %   10.0 %  █              14          sum += item.price',
    ])
  })

  test('threads, and the stack of the one under the cursor', () => {
    const rows = screen({ page: 'threads', selected: '1234 1235 ' }).split('\n').slice(4, 11)
    expect(rows).toEqual([
      '       CPU      GIL  thread  name        at',
      '    95.0 %   90.0 %  1234    MainThread  Cart.total (app.py:12)',
      '>    0.0 %    0.0 %  1235    worker      wait (app.py:41)',
      '',
      'Stack of worker, innermost call first',
      '  wait (/srv/shop/app.py:41)',
      '  … 7 more calls',
    ])
  })

  test('the cursor stays in sight in a list that is longer than the screen', () => {
    const functions = Array.from({ length: 100 }, (_, index) => share(`f${index}`, index + 1, 100 - index))
    const text = screen({ selected: '90 /srv/shop/app.py\0f89' }, { ...document, functions })
    expect(text).toMatch(/\n> .* f89 .*\n\? help/)
  })

  test.each([
    [1, 1],
    [5, 2],
    [30, 4],
    [200, 60],
  ])('%i columns and %i rows are never left', (columns, rows) => {
    for (const page of ['functions', 'lines', 'threads', 'tasks'] as const) {
      const lines = screen({ page }, document, { columns, rows }).split('\n')
      expect(lines).toHaveLength(rows)
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns)
    }
  })

  test('what is special stands in the heading', () => {
    const thread = { key: '', label: 'worker' }
    const line = screen({ paused: true, filter: 'a', thread }, { ...document, stopped: true, ended: 'exited' })
    expect(line.split('\n')[2]).toContain('PAUSED  STOPPED  ENDED  wall')
  })

  test('nothing to show is said', () => {
    expect(screen({}, { ...document, mode: 'gil', functions: [] })).toContain('No thread was holding the GIL')
    expect(screen({ page: 'tasks' })).toContain('There are no asyncio tasks.')
  })
})

describe('keys', () => {
  test('pages, modes, sorting, pause', () => {
    expect(pressed({}, '3')?.page).toBe('threads')
    expect(pressed({}, 'tab', 'tab', 'tab', 'tab')?.page).toBe('functions')
    expect(pressed({}, 'm')?.mode).toBe('cpu')
    expect(pressed({}, 'm', 'm', 'm', 'm')?.mode).toBe('wall')
    expect(pressed({}, 's')?.sort).toBe('total')
    expect(pressed({}, 'p')?.paused).toBe(true)
    expect(pressed({}, 'q')).toBeUndefined()
    expect(press(initialState, { name: 'c', text: '\x03', ctrl: true }, document)).toBeUndefined()
  })

  test('the filter takes every character until Enter or Escape', () => {
    expect(pressed({}, '/', 'q', 'm', 'backspace')).toMatchObject({ filter: 'q', typing: true, mode: 'wall' })
    expect(pressed({}, '/', 'q', 'return')).toMatchObject({ filter: 'q', typing: false })
    expect(pressed({}, '/', 'q', 'escape')).toMatchObject({ filter: '', typing: false })
  })

  test('the cursor stays within the list, and on its row when that moves', () => {
    expect(pressed({}, 'up')?.selected).toContain('Cart.total')
    expect(pressed({}, 'end')?.selected).toContain('main')
    expect(pressed({}, 'down')?.selected).toContain('wait')
    expect(screen({ ...pressed({}, 'down'), sort: 'total' })).toMatch(/> .* wait/)
  })

  test('a line opens its function, and its source scrolls', () => {
    const opened = pressed({ page: 'lines' }, 'down', 'return')
    expect(opened?.opened).toEqual({ function: 'wait', file: '/srv/shop/app.py', line: 40 })
    expect(pressed(opened ?? {}, 'down')?.opened?.firstShown).toBe(41)
    expect(pressed(opened ?? {}, 'home')?.opened?.firstShown).toBe(1)
    expect(pressed(opened ?? {}, 'escape')?.opened).toBeUndefined()
  })

  test('threads in turn, and all of them in between', () => {
    expect(pressed({}, '>')?.thread?.label).toBe('MainThread')
    expect(pressed({}, '>', '>')?.thread?.label).toBe('worker')
    expect(pressed({}, '>', '>', '>')?.thread).toBeUndefined()
    expect(pressed({}, '<')?.thread?.label).toBe('worker')
    expect(pressed({ page: 'threads' }, 'return')).toMatchObject({ page: 'functions', thread: { label: 'MainThread' } })
  })
})

test('a sparkline ends with what was last', () => {
  expect(sparkline([0, 1, 2, 4], { width: 3 })).toBe('▃▅█')
  expect(sparkline([0.5], { width: 4, top: 1 })).toBe('   ▅')
  expect(sparkline([], { width: 2 })).toBe('  ')
})
