// Regular expressions and their matches. Follows Modules/_sre/{sre.h,sre.c} at v3.14.0.

import { readBody } from '../../objects/body.js'
import { readByteArray, readBytes } from '../../objects/scalars/bytes.js'
import { readStrData } from '../../objects/scalars/str.js'
import { BYTES_SUBCLASS, STR_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import { closedText, type Describe, toHex } from '../shape.js'
import { quoteBytes, quoteStr } from '../text/quote.js'
import type { ValueReader } from '../value-reader.js'

/** CPython itself shows no more of a pattern. */
const PATTERN_CHARS = 200
/** All of it decides which quotes are taken. */
const MAX_PATTERN = 65_536
const UNICODE = 32
const ASCII_OR_LOCALE = 256 | 4
const FLAGS = { IGNORECASE: 2, LOCALE: 4, MULTILINE: 8, DOTALL: 16, UNICODE, VERBOSE: 64, DEBUG: 128, ASCII: 256 }

export const patternKinds: Readonly<Record<string, Describe>> = {
  're.Pattern': ({ address }, { reader }) => {
    const body = readBody(reader.runtime, address, 60)
    const pattern = pointerAt(body, 32)
    if (pattern === 0) return closedText(`<re.Pattern object at ${toHex(address)}>`)
    const isBytes = body.readInt32LE(56) !== 0
    const text = quotePart(reader, pattern, { start: 0, end: MAX_PATTERN, source: isBytes ? 'bytes' : 'str' }).slice(
      0,
      PATTERN_CHARS,
    )
    return closedText(`re.compile(${text}${formatFlags(body.readUInt32LE(40), isBytes)})`)
  },
  're.Match': ({ address }, { reader, chars }) => {
    const body = readBody(reader.runtime, address, 80)
    const [string, start, stop] = [pointerAt(body, 8), Number(body.readBigInt64LE(64)), Number(body.readBigInt64LE(72))]
    const source = textSource(reader, string)
    const span = `<re.Match object; span=(${start}, ${stop}), match=`
    // Anything that has bytes can be searched.
    if (source === undefined || start < 0) return { ...closedText(`${span}…>`), abridged: true }
    const end = Math.min(stop, start + chars)
    const text = quotePart(reader, string, { start, end, source })
    const isCut = end < stop
    return { ...closedText(`${span}${reader.maskUrls(text)}${isCut ? '…' : ''}>`), abridged: isCut }
  },
}

interface PartOfText {
  readonly start: number
  readonly end: number
  readonly source: 'str' | 'bytes' | 'bytearray'
}

function textSource({ classes }: ValueReader, address: number): PartOfText['source'] | undefined {
  const info = classes.of(address)
  if (info.flags & STR_SUBCLASS) return 'str'
  if (info.flags & BYTES_SUBCLASS) return 'bytes'
  return classes.inherits(info, 'bytearray') ? 'bytearray' : undefined
}

function quotePart({ runtime }: ValueReader, address: number, { start, end, source }: PartOfText): string {
  if (source === 'bytes') return quoteBytes(readBytes(runtime, address, end).bytes.subarray(start, end))
  if (source === 'bytearray') return quoteBytes(readByteArray(runtime, address, end).bytes.subarray(start, end))
  const { kind, bytes } = readStrData(runtime, address, end)
  return quoteStr({ kind, bytes: bytes.subarray(start * kind, end * kind) }, runtime.facts.text.unicode)
}

/** Strings are taken as Unicode unless something else is asked for: that flag is not shown. */
function formatFlags(flags: number, isBytes: boolean): string {
  let left = !isBytes && (flags & (ASCII_OR_LOCALE | UNICODE)) === UNICODE ? flags & ~UNICODE : flags
  const names: string[] = []
  for (const [name, bit] of Object.entries(FLAGS)) {
    if ((left & bit) === 0) continue
    names.push(`re.${name}`)
    left &= ~bit
  }
  if (left !== 0) names.push(`0x${left.toString(16)}`)
  return names.length === 0 ? '' : `, ${names.join('|')}`
}
