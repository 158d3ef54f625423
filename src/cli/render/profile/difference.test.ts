import { expect, test } from 'vitest'
import { renderDifference } from './difference.js'

const change = (name: string, line: number, before: number, now: number) => ({
  function: name,
  file: '/srv/shop/prices.py',
  line,
  before,
  now,
})

test('functions that gained stand before those that lost', () => {
  const functions = [
    change('discount', 28, 0.25, 0),
    change('price', 5, 0, 0.1666),
    change('tax', 0, 0.1, 0.12),
    change('round', 40, 0.1, 0.1004),
  ]
  expect(renderDifference({ old: 'was/old.remora', functions }, 80)).toBe(
    [
      'Points gained and lost since old.remora:',
      'points  self now  function',
      '+16.7   16.7 %    price     prices.py:5',
      '+2.0    12.0 %    tax       prices.py',
      '−25.0   0.0 %     discount  prices.py:28',
    ].join('\n'),
  )
})

test('where nothing has changed, it says so', () => {
  const text = 'No function has another share of the samples since old.remora.'
  expect(renderDifference({ old: 'old.remora', functions: [] }, 80)).toBe(text)
  expect(renderDifference({ old: 'old.remora', functions: [change('a', 1, 0.1, 0.1001)] }, 80)).toBe(text)
})
