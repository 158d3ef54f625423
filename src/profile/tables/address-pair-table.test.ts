import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ABSENT, AddressPairTable } from './address-pair-table.js'

test('each pair keeps its values, however many there are', () => {
  const pairs = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -1, max: 40 }))
  fc.assert(
    fc.property(fc.array(pairs, { maxLength: 400 }), (taken) => {
      const table = new AddressPairTable({ times: new Uint32Array(4), last: new Int32Array(4) })
      const times = new Map<string, number>()
      const last = new Map<string, number>()
      for (const [index, [first, second]] of taken.entries()) {
        const place = table.take(first, second)
        table.values.times[place] = (table.values.times[place] as number) + 1
        table.values.last[place] = -1 - index
        times.set(`${first} ${second}`, (times.get(`${first} ${second}`) ?? 0) + 1)
        last.set(`${first} ${second}`, -1 - index)
      }
      for (const [first, second] of taken) {
        const place = table.find(first, second)
        expect(table.values.times[place]).toBe(times.get(`${first} ${second}`))
        expect(table.values.last[place]).toBe(last.get(`${first} ${second}`))
      }
    }),
  )
})

test('what was cleared is not there, and comes back with zeros', () => {
  const table = new AddressPairTable({ values: new Uint8Array(4) })
  expect(table.find(8, 9)).toBe(ABSENT)
  table.values.values[table.take(8, 9)] = 7
  table.clear()
  expect(table.find(8, 9)).toBe(ABSENT)
  expect(table.values.values[table.take(8, 9)]).toBe(0)
})
