import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { formatImage, parseImage } from './image.js'
import { PAGE_BYTES } from './page.js'

const facts = {
  python: '3.15.0',
  shows: 'nothing\nmuch',
  pid: 7,
  maps: '00400000-00401000 r--p 00000000 00:00 0\n',
  status: 'Name:\tpython\n',
  runtime: 0x40_0000,
  expected: { name: '𐌰 \ud800' },
}
const pages = new Map([1, 2, 7, 0x7fff_ffff].map((index) => [index * PAGE_BYTES, Buffer.alloc(PAGE_BYTES, index)]))

test('what was written is what is read', () => {
  expect(parseImage(formatImage({ facts, pages }))).toEqual({ facts, pages })
})

test('the same image is the same file', () => {
  expect(formatImage({ facts, pages })).toEqual(formatImage({ facts, pages }))
})

test('refuses another format, and an image that is cut off', () => {
  const file = gunzipSync(formatImage({ facts, pages }))
  expect(() => parseImage(gzipSync(file.subarray(0, -1)))).toThrow('cut off')
  expect(() => parseImage(gzipSync(file.toString('latin1').replace('"format":1', '"format":9')))).toThrow(
    'no image of format 1',
  )
})
