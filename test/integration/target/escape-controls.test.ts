// Which characters a string shows as they are: our table against what each interpreter says of every code point.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isPrintable } from '../../../src/cpython/values/text/printable.js'
import { attach } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

const PROGRAM =
  'import unicodedata; print(unicodedata.unidata_version, "".join("01"[chr(n).isprintable()] for n in range(0x110000)))'

test.each(interpreters)('$name', async (interpreter) => {
  const [version = '', told = ''] = execFileSync(interpreter.path, ['-c', PROGRAM], { maxBuffer: 2 ** 22 })
    .toString('latin1')
    .trim()
    .split(' ')
  const program = await startTarget(interpreter, 'busy.py')
  await using target = await attach(program.pid)
  const { unicode } = target.runtime.facts.text
  expect(unicode).toBe(Number.parseInt(version, 10))
  const wrong = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) => {
    return isPrintable(point, unicode) !== (told[point] === '1')
  })
  expect(wrong.map((point) => point.toString(16))).toEqual([])
})
