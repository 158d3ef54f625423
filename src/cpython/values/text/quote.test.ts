import { expect, test } from 'vitest'
import { quoteBytes, quoteStr } from './quote.js'

const utf16 = (text: string) => ({ kind: 2 as const, bytes: Buffer.from(text, 'utf16le') })
const points = (...all: number[]) => ({ kind: 4 as const, bytes: Buffer.from(Uint32Array.from(all).buffer) })

test.each([
  ['', "''"],
  ['plain', "'plain'"],
  ["it's", '"it\'s"'],
  ['say "it"', '\'say "it"\''],
  ['both \' and "', "'both \\' and \"'"],
  ['\\ \t\n\r', "'\\\\ \\t\\n\\r'"],
  ['\0\x1b\x7f\x80\xa0\xad', "'\\x00\\x1b\\x7f\\x80\\xa0\\xad'"],
  ['é 日本 ß', "'é 日本 ß'"],
  ['\u200b\u2028\ue000\ufeff', "'\\u200b\\u2028\\ue000\\ufeff'"],
])('a string: %j', (text, quoted) => {
  expect(quoteStr(utf16(text), 17)).toBe(quoted)
})

test('surrogates that CPython keeps as code points of their own stay apart', () => {
  expect(quoteStr(utf16('\ud83d\ude00'), 17)).toBe("'\\ud83d\\ude00'")
  expect(quoteStr(points(0x1f600, 0xd800, 0xe0001, 0x10ffff), 17)).toBe("'😀\\ud800\\U000e0001\\U0010ffff'")
})

test('what is no code point does not break the rest', () => {
  expect(quoteStr(points(0x61, 0xffff_ffff, 0x62), 17)).toBe("'a\ufffdb'")
})

test('a character is shown when the Unicode of that Python has it', () => {
  expect(quoteStr(points(0x88f), 16)).toBe("'\\u088f'")
  expect(quoteStr(points(0x88f), 17)).toBe("'\u088f'")
})

test.each([
  ['', "b''"],
  ["a'b", 'b"a\'b"'],
  ['\'"', "b'\\'\"'"],
  ['\0\t\n\r\\~\x7f\xff', "b'\\x00\\t\\n\\r\\\\~\\x7f\\xff'"],
])('bytes: %j', (text, quoted) => {
  expect(quoteBytes(Buffer.from(text, 'latin1'))).toBe(quoted)
})

test('a bytearray of 3.14 escapes single quotes that need no escape', () => {
  expect(quoteBytes(Buffer.from("a'b"), "'")).toBe('b"a\\\'b"')
})
