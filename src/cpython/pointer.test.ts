import { expect, test } from 'vitest'
import { structure } from '../../test/fake-memory.js'
import { pointerAt, stackRefAt } from './pointer.js'

const TAGS = { tagMask: 3, firstMarker: 2 }

test.each([0, 8, 0x7fff_ffff_fff8, 0x8000_0000, 0xffff_fff8])('the pointer %i', (address) => {
  expect(pointerAt(structure(16, { 8: address }), 8)).toBe(address)
  expect(stackRefAt(structure(16, { 8: address }), 8, TAGS)).toBe(address)
})

test.each([
  ['counted', 0x7f12_3456_7890n, 0x7f12_3456_7890],
  ['not counted', 0x7f12_3456_7891n, 0x7f12_3456_7890],
  ['NULL', 1n, 0],
  ['with the highest bit of its low half', 0x1_8000_0001n, 0x1_8000_0000],
  ['a tagged integer', 0x7f12_3456_7893n, undefined],
  ['a marker', 2n, undefined],
])('a reference in a frame: %s', (_, word, address) => {
  expect(stackRefAt(structure(8, { 0: word }), 0, TAGS)).toBe(address)
})

test('a torn word is no exact number, but a number', () => {
  expect(pointerAt(Buffer.alloc(8, 0xff), 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER)
})
