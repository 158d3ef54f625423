import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { toShellWord } from './shell-word.js'

test('a shell takes it as the one word that it was', () => {
  expect(toShellWord('/usr/bin/python3.14')).toBe('/usr/bin/python3.14')
  for (const text of ['', 'my app.py', '/tmp/é é/a', "it's", '$HOME', '*', 'a;b', '"', '\\', '\n', '~']) {
    expect(execFileSync('sh', ['-c', `printf %s ${toShellWord(text)}`], { encoding: 'utf8' })).toBe(text)
  }
})
