import { expect, test } from 'vitest'
import { decodeBackslashReplace, OutputBuffer } from './output-buffer.js'

// What `bytes.decode('utf-8', 'backslashreplace')` of CPython 3.14 gives.
test.each([
  ['68656c6c6f', 'hello'],
  ['c3a9d18ff09f908d', 'éя🐍'],
  ['ff', '\\xff'],
  ['80', '\\x80'],
  ['c0af', '\\xc0\\xaf'],
  ['c3', '\\xc3'],
  ['61c328', 'a\\xc3('],
  ['e28281', '₁'],
  ['e28228', '\\xe2\\x82('],
  ['e282', '\\xe2\\x82'],
  ['eda080', '\\xed\\xa0\\x80'],
  ['f09f90', '\\xf0\\x9f\\x90'],
  ['f0808080', '\\xf0\\x80\\x80\\x80'],
  ['f4908080', '\\xf4\\x90\\x80\\x80'],
  ['f8a1a1a1a1', '\\xf8\\xa1\\xa1\\xa1\\xa1'],
  ['efbfbdff', '\ufffd\\xff'],
  ['efbfbd', '\ufffd'],
  ['efbbbf61', '\ufeffa'],
  ['61efbbbf62ff', 'a\ufeffb\\xff'],
  ['e0a0', '\\xe0\\xa0'],
  ['f09fc3a9', '\\xf0\\x9fé'],
  ['0001ff7f', '\0\x01\\xff\x7f'],
  ['', ''],
])('%s', (hex, text) => {
  expect(decodeBackslashReplace(Buffer.from(hex, 'hex'))).toBe(text)
})

test('a character that comes in two pieces is whole', () => {
  const output = new OutputBuffer()
  output.add(Buffer.from([0xf0, 0x9f]))
  output.add(Buffer.from([0x90, 0x8d, 0xff]))
  expect(output.toText()).toBe('🐍\\xff')
})

test('what goes beyond the cap is dropped and counted', () => {
  const output = new OutputBuffer()
  const piece = Buffer.alloc(48 * 1024 * 1024, 'x')
  output.add(piece)
  output.add(piece)
  output.add(Buffer.from('y'))
  expect(output.droppedBytes).toBe(32 * 1024 * 1024 + 1)
  expect(output.toText()).toHaveLength(64 * 1024 * 1024)
})
