// One text of the files that make an agent, as the build puts them together.

import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { assembleAgent } from '../scripts/build/assemble-agent.mjs'
import { temporaryDirectory } from './harness/temporary.js'

/** Files by their paths; the first is the one to begin with. */
function assemble(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory()
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  return assembleAgent(path.join(folder, Object.keys(files)[0] ?? ''), { HELLO: 'b"h"' })
}

test('what is imported stands in front, once, and its imports before it', () => {
  const text = assemble({
    'run/main.py': 'import sys\n\nfrom ..wire.channel import send\nfrom .b import B, C\n\nmain = (send, B, C)\n',
    'run/b.py': 'import sys\nimport time\n\nfrom ..wire.channel import (\n    send,\n)\n\nB, C = send\n',
    'wire/channel.py': 'def send():\n    import sys\n',
  })
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    'def send():',
    '    import sys',
    'import sys',
    'import time',
    'B, C = send',
    'main = (send, B, C)',
  ])
})

test.each([
  [
    'files that need each other',
    { 'a.py': 'from .b import B\nA = 1\n', 'b.py': 'from .a import A\nB = 1\n' },
    'need each',
  ],
  ['a name that is not there', { 'a.py': 'from .b import B\n', 'b.py': 'C = 1\n' }, 'imports B, which'],
  [
    'a name that two files define',
    { 'a.py': 'from .b import B\nC = 1\n', 'b.py': 'B = 1\nclass C: ...\n' },
    'C is defined',
  ],
  ['another name for an import', { 'a.py': 'from .b import B as C\n', 'b.py': 'B = 1\n' }, 'imports B as C'],
  [
    'an import within a function',
    { 'a.py': 'def a():\n    from .b import B\n', 'b.py': 'B = 1\n' },
    'does not understand',
  ],
])('%s is refused', (_, files, message) => {
  expect(() => assemble(files)).toThrow(message)
})
