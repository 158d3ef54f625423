import { expect, test } from 'vitest'
import { formatComplex, formatFloat } from './format-float.js'

test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [0.1, '0.1'],
  [123456.789, '123456.789'],
  [1e15, '1000000000000000.0'],
  [1234567890123456, '1234567890123456.0'],
  [1e16, '1e+16'],
  [12345678901234568, '1.2345678901234568e+16'],
  [1e21, '1e+21'],
  [1e-4, '0.0001'],
  [1.5e-5, '1.5e-05'],
  [5e-324, '5e-324'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [Number.NaN, 'nan'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])('%d', (value, text) => {
  expect(formatFloat(value)).toBe(text)
})

test.each([
  [0, 1, '1j'],
  [0, -0, '-0j'],
  [-0, 1, '(-0+1j)'],
  [1, 2, '(1+2j)'],
  [-1.5, -1e16, '(-1.5-1e+16j)'],
  [Number.NaN, Number.POSITIVE_INFINITY, '(nan+infj)'],
])('%d and %dj', (real, imaginary, text) => {
  expect(formatComplex({ real, imaginary })).toBe(text)
})
