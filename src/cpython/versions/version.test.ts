import { expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { parseVersion } from './version.js'

test.each([
  [0x030e08f0, '3.14.8', true],
  [0x030f00f0, '3.15.0', true],
  [0x030f00a1, '3.15.0a1', false],
  [0x030f00b4, '3.15.0b4', false],
  [0x030f00c2, '3.15.0rc2', false],
  [0xff0000f0, '255.0.0', true],
  [0x030f0000, '3.15.0?0', false],
])('%i is %s', (hex, text, final) => {
  expect(parseVersion(hex)).toMatchObject({ text, final })
})

test('what the recorded interpreters say of themselves', () => {
  for (const { expected, runtime, facts } of openImages()) {
    expect(runtime.version).toEqual(parseVersion(expected.versionHex))
    expect(expected.version.split(' ')[0]).toBe(runtime.version.text)
    expect(facts.python).toBe(runtime.version.text)
  }
})
