// `repr()` of strings and bytes, as text: quotes, escapes, and characters that cannot be shown. Pure over code points,
// so that surrogates which stand alone, and pairs that are two code points in Python, come out as Python has them.
// Follows Objects/unicodeobject.c (unicode_repr) and Objects/bytesobject.c (PyBytes_Repr) at v3.14.0.

import type { StrData } from '../../objects/scalars/str.js'
import { isPrintable } from './printable.js'

const BACKSLASH = 0x5c
const NAMED_ESCAPES: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r' }

/** @param unicode The version of Unicode that decides what is printable. */
export function quoteStr(data: Pick<StrData, 'kind' | 'bytes'>, unicode: number): string {
  const points = toPoints(data)
  const quote = chooseQuote(points)
  let text = quote
  for (const point of points) {
    if (point === BACKSLASH || point === quote.charCodeAt(0)) text += `\\${String.fromCharCode(point)}`
    else if (isPrintable(point, unicode)) text += String.fromCodePoint(point)
    else text += toEscape(point)
  }
  return text + quote
}

/** That of a string that has become one of ours. */
export function quoteText(text: string, unicode: number): string {
  const points = Uint32Array.from(text, (point) => point.codePointAt(0) as number)
  return quoteStr({ kind: 4, bytes: Buffer.from(points.buffer) }, unicode)
}

/** @param alsoEscaped A character that needs no escape, and has one all the same. */
export function quoteBytes(bytes: Uint8Array, alsoEscaped = ''): string {
  const quote = chooseQuote(bytes)
  const escaped = `${quote}\\${alsoEscaped}`
  let text = `b${quote}`
  for (const byte of bytes) {
    if (escaped.includes(String.fromCharCode(byte))) text += `\\${String.fromCharCode(byte)}`
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += toEscape(byte)
  }
  return text + quote
}

/** Double quotes only where they save escaping single ones. */
function chooseQuote(points: ArrayLike<number> & Iterable<number>): '"' | "'" {
  const all = Array.from(points)
  return all.includes(0x27) && !all.includes(0x22) ? '"' : "'"
}

function toEscape(point: number): string {
  const named = NAMED_ESCAPES[point]
  if (named !== undefined) return named
  const hex = point.toString(16)
  if (point <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function toPoints({ kind, bytes }: Pick<StrData, 'kind' | 'bytes'>): ArrayLike<number> & Iterable<number> {
  if (kind === 1) return bytes
  const count = bytes.length / kind
  return Array.from({ length: count }, (_, index) => {
    if (kind === 2) return bytes.readUInt16LE(index * 2)
    const point = bytes.readUInt32LE(index * 4)
    // A torn string may hold anything.
    return point <= 0x10ffff ? point : 0xfffd
  })
}
