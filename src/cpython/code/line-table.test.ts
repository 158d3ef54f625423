import { describe, expect, test } from 'vitest'
import { type ExpectedLineTable, openImages } from '../../../test/images/open-image.js'
import { findPosition, type Position } from './line-table.js'

const NOWHERE = { line: null, endLine: null, column: null, endColumn: null }

describe.each(openImages())('$name', ({ expected }) => {
  test.each(expected.lineTables)('every instruction of $name', (lineTable) => {
    const table = Buffer.from(lineTable.table, 'hex')
    const positions = expand(lineTable.runs)
    positions.forEach((position, unit) => {
      expect(findPosition(table, lineTable.firstLine, unit), `unit ${unit}`).toEqual(position)
    })
  })

  test('are tables of every kind', () => {
    const forms = new Set(expected.lineTables.flatMap(({ table }) => formsOf(Buffer.from(table, 'hex'))))
    expect([...forms].sort((a, b) => a - b)).toEqual([...Array(16).keys()])
    expect(expected.lineTables.length).toBeGreaterThanOrEqual(50)
    // CPython's own reader once cut tables at 4096 bytes.
    expect(Math.max(...expected.lineTables.map(({ table }) => table.length / 2))).toBeGreaterThan(4096)
  })
})

test('beyond the table, before it, and in a broken one there is no position', () => {
  expect(findPosition(Buffer.alloc(0), 1, 0)).toEqual(NOWHERE)
  // One entry: line + 0, one unit.
  const table = Buffer.from([0x80 | (10 << 3), 4, 9])
  expect(findPosition(table, 7, 0)).toEqual({ line: 7, endLine: 7, column: 4, endColumn: 9 })
  expect(findPosition(table, 7, 1)).toEqual(NOWHERE)
  expect(findPosition(table, 7, Number.POSITIVE_INFINITY)).toEqual(NOWHERE)
  // An entry begins with bit 7; here none does.
  expect(findPosition(Buffer.from([0x50, 4, 9]), 7, 0)).toEqual(NOWHERE)
})

test('an entry that is cut off does not lead out of the table', () => {
  for (let code = 0; code < 16; code++) {
    const position = findPosition(Buffer.from([0x80 | (code << 3)]), 7, 0)
    expect(position.line === null || position.line >= 7).toBe(true)
  }
  // A number whose every byte says that more follow.
  expect(findPosition(Buffer.alloc(100, 0xff).fill(0xf0, 0, 1), 7, 0).line).not.toBeNaN()
})

function expand(runs: ExpectedLineTable['runs']): Position[] {
  return runs.flatMap(([units, line = null, endLine = null, column = null, endColumn = null]) =>
    Array.from({ length: units }, () => ({ line, endLine, column, endColumn })),
  )
}

/** The forms (0 to 15) of a table's entries. */
function formsOf(table: Buffer): number[] {
  return [...table].filter((byte) => byte & 0x80).map((byte) => (byte >> 3) & 15)
}
