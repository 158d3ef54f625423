// Regular expressions and their matches. Follows Modules/_sre/{sre.h,sre.c} at v3.14.0.

import { readBody } from '../../objects/body.js'
import { readBytes } from '../../objects/bytes.js'
import { readStrData } from '../../objects/str.js'
import { STR_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import { quoteBytes, quoteStr } from '../quote.js'
import { closedText, type Describe, toHex } from '../shape.js'
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
    const source = pointerAt(body, 32)
    if (source === 0) return closedText(`<re.Pattern object at ${toHex(address)}>`)
    const isBytes = body.readInt32LE(56) !== 0
    const text = quotePart(reader, source, { start: 0, end: MAX_PATTERN, isBytes }).slice(0, PATTERN_CHARS)
    return closedText(`re.compile(${text}${formatFlags(body.readUInt32LE(40), isBytes)})`)
  },
  're.Match': ({ address }, { reader, chars }) => {
    const body = readBody(reader.runtime, address, 80)
    const [string, start, stop] = [pointerAt(body, 8), Number(body.readBigInt64LE(64)), Number(body.readBigInt64LE(72))]
    const { flags, fullName } = reader.classes.of(string)
    const isBytes = fullName === 'bytes'
    if ((!isBytes && (flags & STR_SUBCLASS) === 0) || start < 0)
      return closedText(`<re.Match object at ${toHex(address)}>`)
    const end = Math.min(stop, start + chars)
    const text = quotePart(reader, string, { start, end, isBytes })
    const cut = end < stop ? '…' : ''
    return { ...closedText(`<re.Match object; span=(${start}, ${stop}), match=${text}${cut}>`), truncated: false }
  },
}

interface PartOfText {
  readonly start: number
  readonly end: number
  readonly isBytes: boolean
}

function quotePart({ runtime }: ValueReader, address: number, { start, end, isBytes }: PartOfText): string {
  if (isBytes) return quoteBytes(readBytes(runtime, address, end).bytes.subarray(start, end))
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
