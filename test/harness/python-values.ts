// Random Python values, as the source that makes them: every kind of key and container, integers of all sizes, floats
// with all bit patterns, strings of every width. Two sources may make equal values; the target decides what they are.

import fc from 'fast-check'

/** Lines of Python; `F(bits)` and `S(points)` are known where they are evaluated. */
export function samplePythonValues(count: number, seed: number): string[] {
  return fc.sample(value, { numRuns: count, seed })
}

const integer = fc
  .oneof(fc.bigInt(-300n, 300n), fc.bigInt(-(2n ** 64n), 2n ** 64n), fc.bigInt(-(2n ** 2000n), 2n ** 2000n))
  .map((number) => `${number < 0n ? '-' : ''}0x${(number < 0n ? -number : number).toString(16)}`)

const float = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n).map((bits) => `F(0x${bits.toString(16)})`),
  fc.double().map(toFloatSource),
  // Whole and short numbers, at which the forms change.
  fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([digits, exponent]) => `${digits}e${exponent}`),
)

const complex = fc.tuple(float, float).map(([real, imaginary]) => `complex(${real}, ${imaginary})`)

/** Of one width each, since the widest character decides how all are kept. */
const point = (max: number) => fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0, max }))
const text = fc
  .oneof(...[0x7f, 0xff, 0x3ff, 0xffff, 0x10ffff].map((max) => fc.array(point(max), { maxLength: 20 })))
  .map((points) => `S(${points.join(', ')})`)

const bytes = fc.uint8Array({ maxLength: 20 }).map((data) => `bytes.fromhex('${Buffer.from(data).toString('hex')}')`)

const constant = fc.constantFrom('None', 'True', 'False', '...', "'it\\'s'", '\'say "it"\'', '""', "b''", '0', '-0.0')

const scalar = fc.oneof(integer, float, complex, text, bytes, constant)
const list = (items: fc.Arbitrary<string>) => fc.array(items, { maxLength: 6 })
const key = fc.oneof(
  scalar,
  list(scalar).map((items) => `(${items.map((item) => `${item}, `).join('')})`),
  list(scalar).map((items) => `frozenset([${items.join(', ')}])`),
)

const { value } = fc.letrec<{ value: string }>((tie) => {
  const inner = tie('value')
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar,
      list(inner).map((items) => `[${items.join(', ')}]`),
      list(inner).map((items) => `(${items.map((item) => `${item}, `).join('')})`),
      list(key).map((items) => `set([${items.join(', ')}])`),
      key,
      fc
        .array(fc.tuple(key, inner), { maxLength: 6 })
        .map((pairs) => `{${pairs.map((pair) => pair.join(': ')).join(', ')}}`),
      fc.uint8Array({ maxLength: 20 }).map((data) => `bytearray.fromhex('${Buffer.from(data).toString('hex')}')`),
    ),
  }
})

function toFloatSource(number: number): string {
  const bits = Buffer.alloc(8)
  bits.writeDoubleLE(number)
  return `F(0x${bits.readBigUInt64LE().toString(16)})`
}
