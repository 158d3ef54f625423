import xterm from '@xterm/headless'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { cut, cutStart, heightOf, padEnd, widthOf } from './columns.js'

const RED = '\u001b[31m'
const PLAIN = '\u001b[39m'
const FAMILY = '👩‍👩‍👧'

test.each([
  ['', 0],
  ['Thread-1', 8],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['注文', 4],
  ['ﾃｽﾄ', 3],
  ['🐟', 2],
  [FAMILY, 2],
  ['a ← b …', 7],
  [`${RED}注文${PLAIN}`, 4],
])('the width of %j is %i', (text, width) => {
  expect(widthOf(text)).toBe(width)
})

test('what is measured without a table has the width that the table says', () => {
  // All of what has many kinds side by side; of the blocks of many thousand equal ones, what stands around their ends.
  const blocks = [
    [0, 0x3400],
    [0x4d00, 0x4f00],
    [0x9f00, 0xa100],
    [0xab00, 0xad00],
    [0xd700, 0xd800],
    [0xfe00, 0x1_00_00],
  ] as const
  const characters = blocks.flatMap(([first, end]) =>
    Array.from({ length: end - first }, (_, index) => String.fromCharCode(first + index)),
  )
  expect(characters.filter((one) => widthOf(one) !== stringWidth(one))).toEqual([])
  const few = [
    'a',
    'é',
    '…',
    '─',
    '　',
    'か',
    '゛',
    'ー',
    '注',
    '각',
    'Ａ',
    '\u0301',
    '\u3099',
    '\ufe0f',
    '\u200d',
    '🐟',
  ]
  const pairs = few.flatMap((one) => few.map((other) => one + other))
  expect(pairs.filter((one) => widthOf(one) !== stringWidth(one))).toEqual([])
})

describe('cutting', () => {
  test.each([
    ['fits', 4, 'fits'],
    ['does not fit', 5, 'does…'],
    ['x', 0, '…'],
    ['注文番号', 8, '注文番号'],
    ['注文番号', 7, '注文番…'],
    ['注文番号', 6, '注文…'],
    [`a${FAMILY}b`, 3, 'a…'],
    [`a${FAMILY}bc`, 4, `a${FAMILY}…`],
    ['nai\u0308ve', 4, 'nai\u0308…'],
    [`${RED}注文番号${PLAIN}`, 6, `${RED}注文${PLAIN}…`],
    [`a${RED}bcd${PLAIN}e`, 3, `a${RED}b${PLAIN}…`],
  ])('%j to %i columns', (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected)
  })

  test.each([
    ['fits', 4, 'fits'],
    ['does not fit', 4, '…fit'],
    ['注文番号', 6, '…番号'],
    [`b${FAMILY}c`, 3, '…c'],
  ])('the start of %j to %i columns', (text, columns, expected) => {
    expect(cutStart(text, columns)).toBe(expected)
  })
})

test('filling up', () => {
  expect(padEnd('注文', 6)).toBe('注文  ')
  expect(padEnd('注文', 3)).toBe('注文')
})

test.each([
  ['', 1],
  ['x'.repeat(10), 1],
  ['x'.repeat(11), 2],
  ['注文番号注', 1],
  // In a row of ten columns, the last one stays empty.
  ['x注文番号注文番号注x', 3],
  [`${RED}${'x'.repeat(10)}${PLAIN}`, 1],
])('the height of %j in ten columns is %i', (line, rows) => {
  expect(heightOf(line, 10)).toBe(rows)
})

test.each(['注文番号の一覧', '背景スレッド (작업)', 'naïve ﾃｽﾄ'])('a terminal agrees on %s', async (text) => {
  const terminal = new xterm.Terminal({ cols: 80, rows: 4, allowProposedApi: true })
  const lines = Array.from({ length: 20 }, (_, columns) => cut(text, columns + 1))
  for (const line of [text, ...lines]) {
    await new Promise<void>((resolve) => terminal.write(`\r\u001b[2K${line}`, resolve))
    expect(terminal.buffer.active.cursorX, line).toBe(widthOf(line))
  }
  terminal.dispose()
})
