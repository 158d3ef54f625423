// The grammar of probes, as docs/trace.md has it: text to a typed probe. Pure; whether there is such a function, and
// whether the expressions are Python, only the target knows.

import { findExpressionEnd } from './expression-end.js'
import type { Action, Expression, FunctionEvent, MeasureKind, Place, Probe } from './probe.js'
import { invalidProbe } from './probe-error.js'

/** Nobody types more. */
export const MAX_PROBE_LENGTH = 4096

const EVENTS: readonly string[] = ['entry', 'return', 'yield', 'await', 'resume']
const MEASURES: readonly string[] = ['count', 'time', 'sum', 'min', 'max', 'avg', 'hist']
const REPORTS: readonly string[] = ['args', 'result', 'stack', 'snapshot']
const OF_CALLS: readonly string[] = ['result', 'time']
const CLAUSES = 'if, {values}, args, result, stack, snapshot, count, time, sum(…), by, every or sample'

const SPACE = /\s*/y
const LINE_PLACE = /((?:[^\s:{}]|\\ )+):(\d+)(?![\w.])/y
const FILE_PLACE = /[^\s:{}]+\.pyw?:|[^\s:{}]+:(?=\S)/y
const NAME =
  /(?:[\p{L}\p{Nl}_*<][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}*<>]*)(?:\.[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}*<>]+)*/uy
const WORD = /[\p{L}_]+/uy
const NUMBER = /\d{1,9}(?:\.\d{1,9})?/y

/** @throws RemoraError `PROBE_INVALID`, whose text points at the character. */
export function parseProbe(text: string): Probe {
  const cursor = new Cursor(text)
  if (text.length > MAX_PROBE_LENGTH) throw cursor.invalid(`it is longer than ${MAX_PROBE_LENGTH} characters`)
  cursor.skipSpace()
  const { place, actions } = parsePlace(cursor)
  let condition = parseCondition(cursor)
  actions.push(...parseActions(cursor, place))
  // It may stand behind the actions as well: {x} if y.
  condition ??= parseCondition(cursor)
  const measures = actions.some(({ kind }) => MEASURES.includes(kind))
  const by = cursor.peekWord() === 'by' ? parseKeys(cursor, measures) : []
  const rates = parseRates(cursor)
  if (!cursor.atEnd) throw cursor.invalid(`expected ${CLAUSES}`)
  return {
    text,
    place,
    ...(condition === undefined ? {} : { condition }),
    actions: actions.length === 0 ? defaultActions(place) : actions,
    by,
    ...rates,
  }
}

function parseCondition(cursor: Cursor): Expression | undefined {
  return cursor.takeWord('if') ? parseExpression(cursor) : undefined
}

function parsePlace(cursor: Cursor): { place: Place; actions: Action[] } {
  const line = cursor.take(LINE_PLACE)
  if (line !== undefined) return { place: { kind: 'line', file: line[1] ?? '', line: Number(line[2]) }, actions: [] }
  const file = cursor.take(FILE_PLACE)
  if (file !== undefined) throw cursor.invalid('expected a line number, as in app/orders.py:42')
  const word = cursor.peekWord()
  if (word === 'raise') return { place: parseRaise(cursor), actions: [] }
  const event =
    EVENTS.includes(word ?? '') && cursor.isWordBeforeName() ? (cursor.takeAnyWord() as FunctionEvent) : 'call'
  const name = parseName(cursor, 'a probe begins with file:line, a dotted name, or raise')
  return { place: { kind: 'call', event, name }, actions: parseSignature(cursor) }
}

function parseRaise(cursor: Cursor): Place {
  cursor.takeAnyWord()
  const next = cursor.peekWord()
  const isType = next !== undefined && next !== 'in' && next !== 'if' && !isClause(next)
  const type = isType || cursor.isNext('*') ? parseName(cursor, 'expected the class of an exception') : undefined
  const name = cursor.takeWord('in') ? parseName(cursor, 'expected a dotted name, as in app.*') : undefined
  return { kind: 'raise', ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) }
}

function parseName(cursor: Cursor, expected: string): string {
  const name = cursor.take(NAME)?.[0]
  if (name === undefined) throw cursor.invalid(expected)
  return name
}

/** `(args) -> result`, each part optional. */
function parseSignature(cursor: Cursor): Action[] {
  const actions: Action[] = []
  if (cursor.takeSign('(')) {
    if (cursor.takeWord('args')) actions.push({ kind: 'args' })
    if (!cursor.takeSign(')')) throw cursor.invalid('only (args) can stand here; single values go into braces: {a, b}')
  }
  const result = parseResult(cursor)
  return result === undefined ? actions : [...actions, result]
}

function parseResult(cursor: Cursor): Action | undefined {
  if (!cursor.takeSign('->')) return undefined
  if (!cursor.takeWord('result')) throw cursor.invalid('only -> result can stand here')
  return { kind: 'result' }
}

function parseActions(cursor: Cursor, place: Place): Action[] {
  const actions: Action[] = []
  for (let start = cursor.at; !cursor.atEnd; start = cursor.at) {
    const action = parseAction(cursor)
    if (action === undefined) break
    if (OF_CALLS.includes(action.kind) && !isOfCalls(place)) {
      throw cursor.invalid(`${action.kind} is known of calls only, not of a ${place.kind}`, start)
    }
    const [first] = actions
    if (first !== undefined && MEASURES.includes(first.kind) !== MEASURES.includes(action.kind)) {
      throw cursor.invalid('a probe either reports each hit or aggregates; use two probes', start)
    }
    actions.push(action)
    cursor.takeSign(',')
  }
  return actions
}

function parseAction(cursor: Cursor): Action | undefined {
  if (cursor.takeSign('{')) return { kind: 'values', expressions: parseList(cursor, '}') }
  const result = parseResult(cursor)
  if (result !== undefined) return result
  const word = cursor.peekWord()
  if (word === undefined || !isAction(word)) return undefined
  cursor.takeAnyWord()
  const kind = word as Action['kind']
  if (REPORTS.includes(kind) || kind === 'count' || kind === 'time') return { kind }
  if (!cursor.takeSign('(')) throw cursor.invalid(`expected what to take the ${kind} of, as in ${kind}(len(items))`)
  const expressions = parseList(cursor, ')')
  if (expressions.length !== 1) throw cursor.invalid(`${kind} is of one expression`)
  return { kind, expressions }
}

function isOfCalls(place: Place): boolean {
  return place.kind === 'call' && place.event !== 'entry' && place.event !== 'resume'
}

function isAction(word: string): boolean {
  return MEASURES.includes(word) || REPORTS.includes(word)
}

function isClause(word: string): boolean {
  return isAction(word) || ['by', 'every', 'sample'].includes(word)
}

function parseKeys(cursor: Cursor, measures: boolean): Expression[] {
  if (!measures) throw cursor.invalid('by goes with an aggregation, such as count or time')
  cursor.takeAnyWord()
  const keys = [parseExpression(cursor)]
  while (cursor.takeSign(',')) keys.push(parseExpression(cursor))
  return keys
}

function parseRates(cursor: Cursor): Pick<Probe, 'every' | 'sample'> {
  if (cursor.takeWord('every')) {
    const start = cursor.at
    const every = cursor.takeNumber()
    if (every === undefined || !Number.isInteger(every) || every < 1) {
      throw cursor.invalid('expected a number, as in every 100', start)
    }
    return { every }
  }
  if (cursor.takeWord('sample')) {
    const start = cursor.at
    const sample = cursor.takeNumber()
    if (sample === undefined || sample <= 0 || sample > 100 || !cursor.takeSign('%')) {
      throw cursor.invalid('expected a percentage, as in sample 1%', start)
    }
    return { sample }
  }
  return {}
}

/** Expressions with commas between them, up to the closing sign. */
function parseList(cursor: Cursor, closing: string): Expression[] {
  const expressions: Expression[] = []
  while (!cursor.takeSign(closing)) {
    if (expressions.length > 0 && !cursor.takeSign(',')) throw cursor.invalid(`expected a comma or ${closing}`)
    if (cursor.takeSign(closing)) return expressions
    expressions.push(parseExpression(cursor))
  }
  if (expressions.length === 0) throw cursor.invalid('an expression is expected', cursor.at - 1)
  return expressions
}

function parseExpression(cursor: Cursor): Expression {
  const end = findExpressionEnd(cursor.text, cursor.at)
  if (typeof end !== 'number') throw cursor.invalid(end.problem, end.at)
  return cursor.takeExpression(end)
}

function defaultActions(place: Place): Action[] {
  if (place.kind === 'line') return []
  if (place.kind === 'raise') return [{ kind: 'snapshot' }]
  const kinds = {
    call: ['args', 'result'],
    entry: ['args'],
    return: ['result'],
    yield: ['result'],
    await: ['result'],
    resume: [],
  } as const satisfies Record<FunctionEvent, readonly Exclude<Action['kind'], MeasureKind>[]>
  return kinds[place.event].map((kind) => ({ kind }))
}

/** A place in the text; what is taken is followed by its white space. */
class Cursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  invalid(problem: string, at = this.at): Error {
    return invalidProbe(this.text, at, problem)
  }

  skipSpace(): void {
    SPACE.lastIndex = this.at
    this.at += SPACE.exec(this.text)?.[0].length ?? 0
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    const match = this.#match(pattern)
    if (match === undefined) return undefined
    this.at += match[0].length
    this.skipSpace()
    return match
  }

  isNext(sign: string): boolean {
    return this.text.startsWith(sign, this.at)
  }

  takeSign(sign: string): boolean {
    if (!this.isNext(sign)) return false
    this.at += sign.length
    this.skipSpace()
    return true
  }

  peekWord(): string | undefined {
    const word = this.#match(WORD)?.[0]
    // `by.x` is a name, and no word of the grammar.
    return word !== undefined && /[\p{L}\p{N}_.]/u.test(this.text[this.at + word.length] ?? '') ? undefined : word
  }

  /** Whether the next word is followed by a name: `entry app.f`, but not the function `entry` itself. */
  isWordBeforeName(): boolean {
    const before = this.at
    this.takeAnyWord()
    const next = this.#match(NAME)?.[0]
    this.at = before
    return next !== undefined && !isClause(next) && next !== 'if'
  }

  takeWord(word: string): boolean {
    return this.peekWord() === word && this.takeAnyWord() !== undefined
  }

  takeAnyWord(): string | undefined {
    return this.take(WORD)?.[0]
  }

  takeNumber(): number | undefined {
    const match = this.take(NUMBER)
    return match === undefined ? undefined : Number(match[0])
  }

  takeExpression(end: number): Expression {
    const expression = { source: this.text.slice(this.at, end), at: this.at }
    this.at = end
    this.skipSpace()
    return expression
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    return pattern.exec(this.text) ?? undefined
  }
}
