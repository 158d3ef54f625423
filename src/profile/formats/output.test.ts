import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/harness/temporary.js'
import { Output } from './output.js'

test('numbers are written as JavaScript writes them', () => {
  const file = path.join(temporaryDirectory(), 'numbers')
  const borders = [0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_000_000_001, 2 ** 31, 2 ** 32, 2 ** 53 - 1]
  const numbers = [...borders, ...fc.sample(fc.maxSafeNat(), 2000), ...fc.sample(fc.nat(5000), 1000)]
  const output = new Output(file)
  for (const number of numbers) output.integer(number).text(' ').thousandth(number).text('\n')
  output.close()
  const lines = fs
    .readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
  expect(lines.map(([whole]) => whole)).toEqual(numbers)
  expect(lines.map(([, thousandth]) => thousandth)).toEqual(numbers.map((number) => number / 1000))
})

test('columns are written as JSON', () => {
  const file = path.join(temporaryDirectory(), 'columns')
  const columns = [
    Float64Array.from(fc.sample(fc.maxSafeNat(), 20_000)),
    Uint32Array.from(fc.sample(fc.nat(5000), 3000)),
    Uint8Array.of(0, 255, 9, 10, 99, 100),
    new Uint32Array(),
  ]
  const output = new Output(file)
  for (const column of columns) output.integers(column).text('\n')
  output.close()
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(columns.map((column) => [...column]))
})

test('texts and bytes of every length come out whole and in order', () => {
  const file = path.join(temporaryDirectory(), 'texts')
  const pieces = [1, 100_000, 262_143, 3, 262_144, 262_145, 1_000_000, 7].map((length, at) =>
    'aé€𝄞'.charAt(at % 3).repeat(length),
  )
  const output = new Output(file)
  for (const piece of pieces) output.text(piece).bytes(Buffer.from(piece))
  output.close()
  expect(fs.readFileSync(file, 'utf8') === pieces.flatMap((piece) => [piece, piece]).join('')).toBe(true)
})

test.each([
  ['/dev/full', 'the disk is full'],
  ['/nowhere/at/all', 'the directory does not exist'],
  ['/tmp', 'it is a directory'],
])('%s: %s', (file, reason) => {
  expect(() => new Output(file).text('something').close()).toThrow(
    expect.objectContaining({ code: 'OUTPUT_UNWRITABLE', message: `cannot write ${file}: ${reason}` }),
  )
})
