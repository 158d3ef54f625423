// The grammar of paths: `app.conf['key'][0].name`, `@main:2.total`, `@"Thread-3 (worker)".job`, `@task:Task-7.request`.
// Pure text to steps; what they mean in a target is decided by `roots.ts` and `walk.ts`.

import type { Key } from '../../../cpython/values/names/key.js'
import { RemoraError } from '../../../errors/remora-error.js'
import { parseKey } from './parse-key.js'

export type Step = ({ readonly attribute: string } | { readonly key: Key }) & {
  /** As it was typed: `.conf`, `['key']`. */
  readonly text: string
}

/** What a path begins with. */
export interface Root {
  /** `name`: a module or a global; `address`: `@0x7f…`; what stands before the colon of `@task:NAME`; else `frame`. */
  readonly kind: string
  /** The name of the module, thread or task. */
  readonly name: string
  /** The number behind the colon of `@main:2`. */
  readonly index: number | undefined
  readonly text: string
}

export interface Path {
  readonly text: string
  readonly root: Root
  readonly steps: readonly Step[]
}

const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
/** Nobody types more, and nested tuples take some stack of ours each. */
export const MAX_PATH_LENGTH = 4096
const ADDRESS = /^0x[\da-f]{1,12}$/
const WORD = /[^.[\]:"'\s]+/y
const INDEX = /:(\d{1,6})/y
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y

/**
 * @param kinds The words that may stand between `@` and a colon, such as `task`.
 * @throws RemoraError `PATH_INVALID` with the column at which it stops making sense.
 */
export function parsePath(text: string, kinds: readonly string[] = []): Path {
  const cursor = new Cursor(text)
  if (text.length > MAX_PATH_LENGTH) throw cursor.invalid(`it is longer than ${MAX_PATH_LENGTH} characters`)
  const root = text.startsWith('@') ? parseThreadRoot(cursor, kinds) : parseNameRoot(cursor)
  const steps: Step[] = []
  while (!cursor.atEnd) steps.push(parseStep(cursor))
  return { text, root, steps }
}

function parseNameRoot(cursor: Cursor): Root {
  const name = cursor.take(NAME)?.[0]
  if (name === undefined) throw cursor.invalid('a path begins with a module, a global, or @thread')
  return { kind: 'name', name, index: undefined, text: name }
}

function parseThreadRoot(cursor: Cursor, kinds: readonly string[]): Root {
  const start = cursor.at
  cursor.at++
  let kind = 'frame'
  const scheme = kinds.find((word) => cursor.text.startsWith(`${word}:`, cursor.at))
  if (scheme !== undefined) {
    kind = scheme
    cursor.at += scheme.length + 1
  }
  const quoted = cursor.take(QUOTED)
  const name = quoted === undefined ? cursor.take(WORD)?.[0] : (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1')
  if (name === undefined) throw cursor.invalid('a name must follow: @main, @12345, @"Thread-1 (worker)"')
  if (kind === 'frame' && quoted === undefined && ADDRESS.test(name)) kind = 'address'
  const index = cursor.take(INDEX)?.[1]
  return {
    kind,
    name,
    index: index === undefined ? undefined : Number(index),
    text: cursor.text.slice(start, cursor.at),
  }
}

function parseStep(cursor: Cursor): Step {
  const start = cursor.at
  const sign = cursor.text[cursor.at]
  if (sign === '.') {
    cursor.at++
    const attribute = cursor.take(NAME)?.[0]
    if (attribute === undefined) throw cursor.invalid('a name must follow the dot')
    return { attribute, text: cursor.text.slice(start, cursor.at) }
  }
  if (sign !== '[') throw cursor.invalid("a step is .name, [0] or ['key']")
  const parsed = parseKey(cursor.text, cursor.at + 1)
  const end = parsed?.end ?? cursor.at + 1
  if (parsed === undefined || cursor.text[end] !== ']') {
    cursor.at = end
    throw cursor.invalid('between brackets stands a number, a quoted text, or another literal')
  }
  cursor.at = end + 1
  return { key: parsed.key, text: cursor.text.slice(start, cursor.at) }
}

class Cursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (match === null) return undefined
    this.at = pattern.lastIndex
    return match
  }

  invalid(reason: string): RemoraError {
    const rest = this.atEnd ? 'at its end' : `at ${JSON.stringify(this.text.slice(this.at, this.at + 20))}`
    return new RemoraError(
      'PATH_INVALID',
      `${this.text.slice(0, 200) || 'an empty text'} is not a path: ${rest}, ${reason}`,
      {
        path: this.text,
        column: this.at,
      },
    )
  }
}
