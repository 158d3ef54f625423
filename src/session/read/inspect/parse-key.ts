// Literals between the brackets of a path, as Python writes them: numbers, strings, bytes, None, True, False, and tuples
// of these. Follows the lexical rules of Python 3.14, without names of characters.

import type { Key } from '../../../cpython/values/names/key.js'

export interface ParsedKey {
  readonly key: Key
  /** Where the text goes on. */
  readonly end: number
}

const WORDS: Readonly<Record<string, Key>> = {
  None: { kind: 'none' },
  True: { kind: 'int', value: 1n },
  False: { kind: 'int', value: 0n },
}
const WORD = /None|True|False/y
const INTEGER = /-?(?:0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)(?![\d.eE_])/y
const FLOAT = /-?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?/y
const STRING = /([bB]?)("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')/y
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g
const NAMED: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11 }

/** The literal at `start` of `text`; undefined when there is none. */
export function parseKey(text: string, start: number): ParsedKey | undefined {
  const first = parseOne(text, skipSpace(text, start))
  if (first === undefined) return undefined
  let end = skipSpace(text, first.end)
  if (text[end] !== ',') return { key: first.key, end }
  // `[1, 2]` is the key `(1, 2)`, as in Python.
  const items = [first.key]
  while (text[end] === ',') {
    const next = parseOne(text, skipSpace(text, end + 1))
    if (next === undefined) return undefined
    items.push(next.key)
    end = skipSpace(text, next.end)
  }
  return { key: { kind: 'tuple', value: items }, end }
}

function parseOne(text: string, start: number): ParsedKey | undefined {
  if (text[start] === '(') return parseTuple(text, start + 1)
  const word = match(WORD, text, start)
  if (word !== undefined) return { key: WORDS[word[0]] as Key, end: start + word[0].length }
  const string = match(STRING, text, start)
  if (string !== undefined) return { key: toText(string[1] !== '', string[2] as string), end: start + string[0].length }
  const integer = match(INTEGER, text, start)
  if (integer !== undefined)
    return { key: { kind: 'int', value: toBigInt(integer[0]) }, end: start + integer[0].length }
  const float = match(FLOAT, text, start)
  if (float !== undefined) return { key: { kind: 'float', value: Number(float[0]) }, end: start + float[0].length }
  return undefined
}

/** `()`, `(1,)`, `(1, 2)`; a single literal in parentheses is itself. */
function parseTuple(text: string, start: number): ParsedKey | undefined {
  const items: Key[] = []
  let commas = 0
  let at = skipSpace(text, start)
  while (text[at] !== ')') {
    const item = parseOne(text, at)
    if (item === undefined) return undefined
    items.push(item.key)
    at = skipSpace(text, item.end)
    if (text[at] === ',') {
      commas++
      at = skipSpace(text, at + 1)
    } else if (text[at] !== ')') return undefined
  }
  const [only] = items
  const key =
    only !== undefined && items.length === 1 && commas === 0 ? only : ({ kind: 'tuple', value: items } as const)
  return { key, end: at + 1 }
}

function toBigInt(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
}

function toText(isBytes: boolean, quoted: string): Key {
  const points: number[] = []
  const body = quoted.slice(1, -1)
  const add = (text: string): void => {
    for (const character of text) points.push(character.codePointAt(0) as number)
  }
  let last = 0
  for (const escaped of body.matchAll(ESCAPE)) {
    add(body.slice(last, escaped.index))
    last = escaped.index + escaped[0].length
    const [, octal, ...rest] = escaped
    const hex = rest.slice(0, 3).find((one) => one !== undefined)
    const character = rest[3]
    if (octal !== undefined) points.push(Number.parseInt(octal, 8))
    else if (hex !== undefined) points.push(Number.parseInt(hex, 16))
    else if (character !== undefined) points.push(...toEscaped(character))
  }
  add(body.slice(last))
  if (!isBytes) return { kind: 'str', value: points }
  return { kind: 'bytes', value: Buffer.from(points) }
}

/** A backslash before anything else stands for itself. */
function toEscaped(character: string): number[] {
  const point = NAMED[character] ?? (/[\\'"]/.test(character) ? character.charCodeAt(0) : undefined)
  if (point !== undefined) return [point]
  return character === '\n' ? [] : [0x5c, character.codePointAt(0) as number]
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (text[at] === ' ') at++
  return at
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
