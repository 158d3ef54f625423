import { expect, test } from 'vitest'
import type { RecordDocument } from '../../../session/documents/index.js'
import { renderRecord } from './record.js'

const terminal = { style: (_: unknown, text: string) => text, columns: 100 }

const thread = (name: string, samples: number, own: Partial<RecordDocument['threads'][number]> = {}) => ({
  pid: 4242,
  id: 1,
  nativeId: 4242,
  name,
  main: name === 'MainThread',
  samples,
  holdingGil: 0,
  collectingGarbage: 0,
  handlingException: 0,
  functions: [{ function: 'Cart.total', file: '/srv/cart.py', line: 10, self: samples / 2, total: samples }],
  ...own,
})

const document: RecordDocument = {
  schema: 'remora.record/1',
  target: { pid: 4242, python: '3.14.8', executable: '/usr/bin/python3.14', command: 'python3.14 -m shop' },
  startedAt: '2026-02-03T04:05:06.000Z',
  durationMs: 2000,
  mode: 'wall',
  ended: 'exited',
  rounds: 2000,
  late: 20,
  requestedRateHz: 1000,
  rateHz: 998.6,
  intervalUs: { p50: 1000.2, p95: 1010, p99: 1200, max: 5400 },
  samples: 4000,
  failed: 2,
  cpuMs: 70,
  threads: [
    thread('MainThread', 2000, { holdingGil: 1500, collectingGarbage: 120 }),
    thread('worker', 2000, { nativeId: 4243, holdingGil: 500 }),
  ],
  functions: [
    { function: 'Cart.total', file: '/srv/cart.py', line: 10, self: 2400, total: 3200 },
    { function: 'price', file: '/srv/prices.py', line: 5, self: 800, total: 800 },
    { function: 'main', file: '/srv/app.py', line: 1, self: 0, total: 3600 },
  ],
  lines: [{ function: 'Cart.total', file: '/srv/cart.py', line: 12, self: 2000 }],
  output: '/tmp/a.remora',
}

test('a summary: how well it went, what dominates, functions, lines, threads', () => {
  expect(renderRecord(document, terminal)).toBe(
    `Process 4242: python3.14 -m shop (CPython 3.14.8)
2.0 s in mode wall, until the process ended: 4,000 samples of 2 threads; 0.05 % failed
999 of 1000 rounds a second, 1.0 % late; intervals: 1.00 ms half of them, 1.01 ms 95 %, 1.20 ms 99 %, 5.40 ms the longest
Remora itself used 3.5 % of a CPU

Cart.total (cart.py:10) dominates: 60.0 % of all samples are in it alone. 90.0 % are in main and what it calls. 2 threads share the GIL. 3.0 % is garbage collection.

self    total   function
60.0 %  80.0 %  Cart.total  cart.py:10
20.0 %  20.0 %  price       prices.py:5
0.0 %   90.0 %  main        app.py:1

self    line        in
50.0 %  cart.py:12  Cart.total

samples  GIL     thread  name        mostly
50.0 %   75.0 %  4242    MainThread  50.0 % Cart.total
50.0 %   25.0 %  4243    worker      50.0 % Cart.total

Recording: /tmp/a.remora
`,
  )
})

test('where nothing was sampled, it says so', () => {
  const nothing: RecordDocument = { ...document, samples: 0, threads: [], functions: [], lines: [], mode: 'gil' }
  expect(renderRecord(nothing, terminal)).toContain('\n\nNo thread was holding the GIL at any of these moments.\n\n')
})

test('columns are aligned where names are wide', () => {
  const functions = [
    { function: '計算する', file: '/srv/注文.py', line: 10, self: 2400, total: 3200 },
    { function: 'price', file: '/srv/prices.py', line: 5, self: 800, total: 800 },
  ]
  const threads = [thread('背景スレッド', 2000, { functions }), thread('worker', 2000)]
  const text = renderRecord({ ...document, functions, threads }, terminal)
  expect(text).toContain(`
60.0 %  80.0 %  計算する  注文.py:10
20.0 %  20.0 %  price     prices.py:5
`)
  expect(text).toContain(`
50.0 %   0.0 %  4242    背景スレッド  120.0 % 計算する
50.0 %   0.0 %  4242    worker        50.0 % Cart.total
`)
})
