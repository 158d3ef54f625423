import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RemoraError } from '../errors/remora-error.js'
import { findExpressionEnd } from './expression-end.js'
import { MAX_PROBE_LENGTH, parseProbe } from './parse-probe.js'

const sources = (list: readonly { source: string }[] = []) => list.map(({ source }) => source)

describe('places', () => {
  test.each([
    ['app/orders.py:42', { kind: 'line', file: 'app/orders.py', line: 42 }],
    ['/srv/My-App/x.py:7 {a}', { kind: 'line', file: '/srv/My-App/x.py', line: 7 }],
    ['app.orders.place_order', { kind: 'call', event: 'call', name: 'app.orders.place_order' }],
    ['app.f.<locals>.g.<lambda>', { kind: 'call', event: 'call', name: 'app.f.<locals>.g.<lambda>' }],
    ['app.größe', { kind: 'call', event: 'call', name: 'app.größe' }],
    ['app.*.save*', { kind: 'call', event: 'call', name: 'app.*.save*' }],
    ['*', { kind: 'call', event: 'call', name: '*' }],
    ['entry app.f', { kind: 'call', event: 'entry', name: 'app.f' }],
    ['return app.f', { kind: 'call', event: 'return', name: 'app.f' }],
    ['yield app.f', { kind: 'call', event: 'yield', name: 'app.f' }],
    ['await app.f', { kind: 'call', event: 'await', name: 'app.f' }],
    ['resume app.f', { kind: 'call', event: 'resume', name: 'app.f' }],
    ['resume.f', { kind: 'call', event: 'call', name: 'resume.f' }],
    ['entry count', { kind: 'call', event: 'call', name: 'entry' }],
    ['raise', { kind: 'raise' }],
    ['raise ValueError', { kind: 'raise', type: 'ValueError' }],
    ['raise ValueError in app.*', { kind: 'raise', type: 'ValueError', name: 'app.*' }],
    ['raise in app.*', { kind: 'raise', name: 'app.*' }],
    ['raise * in app', { kind: 'raise', type: '*', name: 'app' }],
    ['raise if x', { kind: 'raise' }],
    ['raiser.f', { kind: 'call', event: 'call', name: 'raiser.f' }],
  ])('%s', (text, place) => {
    expect(parseProbe(text).place).toEqual(place)
  })
})

describe('actions', () => {
  const actionsOf = (text: string) =>
    parseProbe(text).actions.map(({ kind, expressions }) => (expressions ? [kind, ...sources(expressions)] : kind))

  test.each([
    ['a.py:1', []],
    ['a.py:1 {order.id, len(items), user.plan}', [['values', 'order.id', 'len(items)', 'user.plan']]],
    ['a.py:1 {f"{x:>{w}}", "a,}b", {1: 2}[1],}', [['values', 'f"{x:>{w}}"', '"a,}b"', '{1: 2}[1]']]],
    ['a.py:1 {x} stack', [['values', 'x'], 'stack']],
    ['a.py:1 snapshot', ['snapshot']],
    ['a.f', ['args', 'result']],
    ['a.f(args) -> result', ['args', 'result']],
    ['a.f()', ['args', 'result']],
    ['a.f -> result', ['result']],
    ['a.f {x} -> result', [['values', 'x'], 'result']],
    ['a.f(args)', ['args']],
    ['entry a.f', ['args']],
    ['raise', ['snapshot']],
    ['a.* count by function', ['count']],
    ['a.f time, hist(len(x))', ['time', ['hist', 'len(x)']]],
    [
      'a.f sum(a if b else c) avg(x[1:2])',
      [
        ['sum', 'a if b else c'],
        ['avg', 'x[1:2]'],
      ],
    ],
  ])('%s', (text, actions) => {
    expect(actionsOf(text)).toEqual(actions)
  })
})

test('conditions end where the probe goes on', () => {
  expect(parseProbe('app/jobs.py:88 if attempts > 3 snapshot')).toEqual({
    text: 'app/jobs.py:88 if attempts > 3 snapshot',
    place: { kind: 'line', file: 'app/jobs.py', line: 88 },
    condition: { source: 'attempts > 3', at: 18 },
    actions: [{ kind: 'snapshot' }],
    by: [],
  })
  // No word is reserved: behind an operator it is a name.
  expect(parseProbe('a.f if count > by count by every every 3')).toMatchObject({
    condition: { source: 'count > by' },
    by: [{ source: 'every' }],
    every: 3,
  })
  expect(parseProbe('a.f if not x is not None and y not in (1, "s)") {x}').condition?.source).toBe(
    'not x is not None and y not in (1, "s)")',
  )
  expect(parseProbe('a.f if x{x}').condition?.source).toBe('x')
})

test('keys and rates', () => {
  expect(sources(parseProbe('a.f time by args.sql[:20], thread every 10').by)).toEqual(['args.sql[:20]', 'thread'])
  expect(parseProbe('a.f sample 0.5%')).toMatchObject({ sample: 0.5 })
  expect(parseProbe('  a.f   count  every  7 ')).toMatchObject({ every: 7, actions: [{ kind: 'count' }] })
})

test.each([
  ['', 1, 'a probe begins with'],
  ['app/orders.py:4x', 15, 'expected a line number'],
  ['app/orders.py:', 15, 'expected a line number'],
  ['42', 1, 'a probe begins with'],
  ['a.f {', 6, 'an expression is expected'],
  ['a.f {}', 6, 'an expression is expected'],
  ['a.f {x', 7, 'expected a comma or }'],
  ['a.f {x y}', 8, 'expected a comma or }'],
  ['a.f {len(x}', 11, 'this } closes nothing'],
  ['a.f {len(x', 9, 'this ( is not closed'],
  ['a.f {"abc}', 6, 'this string does not end'],
  ['a.f (x)', 6, 'only (args)'],
  ['a.f -> x', 8, 'only -> result'],
  ['a.f cuont', 5, 'expected if, {values}'],
  ['a.f count {x}', 11, 'either reports each hit or aggregates'],
  ['a.f by x', 5, 'by goes with an aggregation'],
  ['a.f if', 7, 'an expression is expected'],
  ['a.f count every', 16, 'expected a number'],
  ['a.f count every 1.5', 17, 'expected a number'],
  ['a.f sample 101%', 12, 'expected a percentage'],
  ['a.f sample 5', 12, 'expected a percentage'],
  ['a.f sum', 8, 'expected what to take the sum of'],
  ['a.py:1 result', 8, 'known of calls only, not of a line'],
  ['raise in', 9, 'expected a dotted name'],
])('%s is refused at column %i: %s', (text, column, problem) => {
  const error = catchError(() => parseProbe(text))
  expect([error.code, error.details.at]).toEqual(['PROBE_INVALID', column - 1])
  expect(error.message).toContain(`at column ${column}: `)
  expect(error.message).toContain(problem)
  expect(error.message.split('\n')[2]).toBe(`  ${' '.repeat(column - 1)}^`)
})

test('whatever is typed, it is a probe or an error that points into it', { timeout: 60_000 }, () => {
  const pieces = fc.constantFrom(
    ...[
      'a.f',
      'x.py:3',
      'raise',
      'E',
      ' in ',
      ' if ',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ',',
      '"',
      "'",
      'count',
      ' by ',
      ' ',
    ],
    ...[
      'time',
      'sum(',
      'every 3',
      'sample 5%',
      '->',
      'result',
      'x',
      '>',
      '==',
      '"""',
      '\\',
      '\n',
      'é',
      '💥',
      '.',
      ':',
      '*',
      '3',
    ],
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 20 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (typed) => {
      try {
        const probe = parseProbe(typed)
        const inside = [probe.condition, ...probe.by, ...probe.actions.flatMap(({ expressions = [] }) => expressions)]
        for (const one of inside) if (one) expect(typed.slice(one.at, one.at + one.source.length)).toBe(one.source)
      } catch (error) {
        if (!(error instanceof RemoraError)) throw error
        expect(error.code).toBe('PROBE_INVALID')
        expect(error.details.at).toBeGreaterThanOrEqual(0)
        expect(error.details.at).toBeLessThanOrEqual(typed.length)
      }
    }),
    { numRuns: 20_000 },
  )
})

test('an expression is found whole whatever it is made of, and whatever follows it', () => {
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const inner = tie('expression')
    return {
      expression: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(
          'x',
          'count',
          'by',
          '1',
          '2.5e3',
          '0x1f',
          "'it\\'s'",
          '"}"',
          'f"{a}"',
          "b'x'",
          '"""a"b"""',
          'None',
        ),
        fc
          .tuple(inner, fc.constantFrom(' + ', '**', ' and ', ' not in ', ' is not ', '<=', ' or '), inner)
          .map((all) => all.join('')),
        inner.map((one) => `not ${one}`),
        inner.map((one) => `(${one})`),
        inner.map((one) => `[${one}, ${one}]`),
        inner.map((one) => `{'k': ${one}}['k']`),
        inner.map((one) => `x.attr[${one}:]`),
        inner.map((one) => `f(${one}, k=${one})`),
        fc.tuple(inner, inner, inner).map(([a, b, c]) => `${a} if ${b} else ${c}`),
      ),
    }
  })
  const tail = fc.constantFrom('', ' count', ' by x', ', y', ' {x}', ' every 3', ' }', ')', '  ')
  fc.assert(
    fc.property(expression, tail, (one, rest) => {
      expect(findExpressionEnd(`${one}${rest}`, 0)).toBe(one.length)
    }),
    { numRuns: 5_000 },
  )
})

test('a probe of any length is refused before it is read', () => {
  expect(catchError(() => parseProbe('a'.repeat(MAX_PROBE_LENGTH + 1))).code).toBe('PROBE_INVALID')
})

function catchError(run: () => unknown): RemoraError {
  try {
    run()
  } catch (error) {
    if (error instanceof RemoraError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
