import { expect, test } from 'vitest'
import { fitScreen } from './fit-screen.js'

const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

test.each([
  ['what fits stays', numbered(4), { columns: 20, rows: 5 }, numbered(4)],
  ['what does not is cut, and counted', numbered(6), { columns: 20, rows: 5 }, `${numbered(3)}… 3 more lines\n`],
  [
    'wrapped lines take more',
    `${'x'.repeat(41)}\nb\nc\n`,
    { columns: 20, rows: 5 },
    `${'x'.repeat(41)}\n… 2 more lines\n`,
  ],
  [
    'colours take no room',
    `\x1b[31m${'x'.repeat(20)}\x1b[0m\nb\n`,
    { columns: 20, rows: 3 },
    `\x1b[31m${'x'.repeat(20)}\x1b[0m\nb\n`,
  ],
  ['a screen of one row', numbered(3), { columns: 20, rows: 1 }, '… 3 more lines\n'],
])('%s', (_, text, size, expected) => {
  expect(fitScreen(text, size)).toBe(expected)
})
