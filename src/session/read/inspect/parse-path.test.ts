import { expect, test } from 'vitest'
import { MAX_PATH_LENGTH, parsePath } from './parse-path.js'

const stepsOf = (text: string) => parsePath(text).steps.map((step) => ('attribute' in step ? step.attribute : step.key))
const keyOf = (text: string) => stepsOf(`x[${text}]`)[0]
const str = (text: string) => ({ kind: 'str', value: [...text].map((character) => character.codePointAt(0)) })

test.each([
  ['app', { kind: 'name', name: 'app', index: undefined, text: 'app' }],
  ['größe', { kind: 'name', name: 'größe', index: undefined, text: 'größe' }],
  ['@main', { kind: 'frame', name: 'main', index: undefined, text: '@main' }],
  ['@main:12', { kind: 'frame', name: 'main', index: 12, text: '@main:12' }],
  ['@4711.x', { kind: 'frame', name: '4711', index: undefined, text: '@4711' }],
  ['@"Thread-3 (worker)":1', { kind: 'frame', name: 'Thread-3 (worker)', index: 1, text: '@"Thread-3 (worker)":1' }],
  ["@'it\\'s'", { kind: 'frame', name: "it's", index: undefined, text: "@'it\\'s'" }],
])('where a path begins: %s', (text, root) => {
  expect(parsePath(text).root).toEqual(root)
})

test('other roots have a word before their colon', () => {
  expect(parsePath('@task:Task-7.request', ['task']).root).toMatchObject({ kind: 'task', name: 'Task-7' })
  expect(parsePath('@task:"a b"', ['task']).root).toMatchObject({ kind: 'task', name: 'a b' })
  expect(parsePath('@task:3').root).toMatchObject({ kind: 'frame', name: 'task', index: 3 })
})

test('steps', () => {
  expect(stepsOf('app.conf._x1')).toEqual(['conf', '_x1'])
  expect(stepsOf("a['k'].b[0]")).toEqual([str('k'), 'b', { kind: 'int', value: 0n }])
  expect(parsePath('@main:2.a[ 0 ]').steps.map(({ text }) => text)).toEqual(['.a', '[ 0 ]'])
})

test.each([
  ['0', { kind: 'int', value: 0n }],
  ['-12', { kind: 'int', value: -12n }],
  ['0xff', { kind: 'int', value: 255n }],
  ['-0b11', { kind: 'int', value: -3n }],
  ['123456789012345678901', { kind: 'int', value: 123456789012345678901n }],
  ['3.5', { kind: 'float', value: 3.5 }],
  ['-1e3', { kind: 'float', value: -1000 }],
  ['.5', { kind: 'float', value: 0.5 }],
  ['True', { kind: 'int', value: 1n }],
  ['None', { kind: 'none' }],
  ["'it\\'s'", str("it's")],
  ['"\\n\\x41\\u00e9\\U0001f600\\101\\q"', str('\nAé😀A\\q')],
  ['"😀"', str('😀')],
  ["'\\ud800'", { kind: 'str', value: [0xd800] }],
  ["'a]b'", str('a]b')],
  ["b'\\xff'", { kind: 'bytes', value: Buffer.of(255) }],
  ['()', { kind: 'tuple', value: [] }],
  ['(1)', { kind: 'int', value: 1n }],
  ['(1,)', { kind: 'tuple', value: [{ kind: 'int', value: 1n }] }],
  ["1, 'a'", { kind: 'tuple', value: [{ kind: 'int', value: 1n }, str('a')] }],
  ['((1, 2), None)', { kind: 'tuple', value: [{ kind: 'tuple', value: expect.any(Array) }, { kind: 'none' }] }],
])('the key %s', (text, key) => {
  expect(keyOf(text)).toEqual(key)
})

test.each([
  '',
  '.a',
  '1a',
  'a.',
  'a..b',
  'a b',
  'a[',
  'a[]',
  'a[0',
  'a[x]',
  "a['k]",
  'a[1 2]',
  '@',
  '@:1',
  'a]',
  'a[(1, 2]',
  'a[01x]',
])('no path: %j', (text) => {
  expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'PATH_INVALID' }))
})

test('what is too long is refused, and what is nested as deep as that allows is not too deep', () => {
  const nested = `a[${'('.repeat(2000)}1${')'.repeat(2000)}]`
  expect(parsePath(nested).steps).toHaveLength(1)
  expect(() => parsePath(`a${'.b'.repeat(MAX_PATH_LENGTH)}`)).toThrow(expect.objectContaining({ code: 'PATH_INVALID' }))
})
