// Which characters a string shows as they are: our table against what each interpreter says of every code point.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isPrintable } from '../../../src/cpython/values/printable.js'
import { interpreters } from '../../harness/interpreters.js'

const PROGRAM = 'print("".join("01"[chr(n).isprintable()] for n in range(0x110000)))'

test.each(interpreters)('$name', ({ path, version }) => {
  const told = execFileSync(path, ['-c', PROGRAM], { encoding: 'latin1', maxBuffer: 2 ** 22 }).trim()
  const minor = Number(version.split('.')[1])
  const wrong = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) => {
    return isPrintable(point, minor) !== (told[point] === '1')
  })
  expect(wrong.map((point) => point.toString(16))).toEqual([])
})
