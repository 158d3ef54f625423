import { describe, expect, test } from 'vitest'
import { drawStr, fakeRuntime } from '../../../../test/fake-objects.js'
import { openImages } from '../../../../test/images/open-image.js'
import { MAX_NAME_LENGTH, readStr } from './str.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })

test.each(openImages())('every string of $name', ({ runtime, expected }) => {
  for (const [address, text] of expected.objects.strs) expect(readStr(runtime, address)).toBe(text)
  const all = expected.objects.strs.map(([, text]) => text).join('')
  expect(all).toContain('🐍')
  expect(all).toContain('\ud800')
})

describe.each([false, true])('free-threaded: %s', (freeThreaded) => {
  const utf32 = (text: string) => Buffer.from(Uint32Array.from([...text].map((char) => char.codePointAt(0)!)).buffer)

  test.each([
    ['ASCII', 'plain', Buffer.from('plain'), { kind: 1, ascii: true }],
    ['latin-1', 'naïve ÿ', Buffer.from('naïve ÿ', 'latin1'), { kind: 1 }],
    ['two bytes', 'Привет', Buffer.from('Привет', 'utf16le'), { kind: 2 }],
    ['four bytes', 'a🐍𐌰', utf32('a🐍𐌰'), { kind: 4 }],
    ['an empty one', '', Buffer.alloc(0), { kind: 1, ascii: true }],
    ['longer than its header', 'x'.repeat(500), Buffer.alloc(500, 'x'), { kind: 1, ascii: true }],
    ['a subclass, ASCII', 'sub', Buffer.from('sub'), { kind: 1, ascii: true, compact: false }],
    ['a subclass, four bytes', '🐍', utf32('🐍'), { kind: 4, compact: false }],
    ['no character at all', 'a\ufffd', Buffer.from(Uint32Array.of(0x61, 0x110000).buffer), { kind: 4 }],
  ] as const)('%s', (_, text, bytes, layout) => {
    const runtime = fakeRuntime({ freeThreaded })
    expect(readStr(runtime, drawStr(runtime, bytes, layout))).toBe(text)
  })
})

test('is cut at its cap, in characters, and not read beyond', () => {
  const runtime = fakeRuntime()
  for (const kind of [1, 2, 4] as const) {
    const bytes = Buffer.alloc((MAX_NAME_LENGTH + 1) * kind)
    for (let at = 0; at < bytes.length; at += kind) bytes[at] = 0x78
    const address = drawStr(runtime, bytes, { kind, length: 2 ** 52 })
    expect(readStr(runtime, address)).toBe('x'.repeat(MAX_NAME_LENGTH))
    expect(readStr(runtime, address, 3)).toBe('xxx')
    expect(readStr(runtime, address, MAX_NAME_LENGTH + 1)).toHaveLength(MAX_NAME_LENGTH + 1)
  }
})

test('what is no string is not read as one', () => {
  const runtime = fakeRuntime()
  for (const kind of [0, 3, 5, 6, 7]) {
    const address = drawStr(runtime, Buffer.alloc(60), { kind: kind as 1, length: 4 })
    expect(() => readStr(runtime, address)).toThrow(unreadable)
  }
  expect(() => readStr(runtime, 0)).toThrow(unreadable)
  const nowhere = drawStr(runtime, Buffer.from('x'), { kind: 1, compact: false, length: 2 ** 20 })
  expect(() => readStr(runtime, nowhere, 2 ** 20)).toThrow(unreadable)
})
