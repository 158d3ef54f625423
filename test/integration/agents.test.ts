// The agents as Python: each compiles without a warning on every supported interpreter, and says in its header what it
// changes.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { interpreters } from '../harness/interpreters.js'

const folder = new URL('../../src/agents/', import.meta.url).pathname
const agents = fs.readdirSync(folder).filter((name) => name.endsWith('.py'))

test('there are agents', () => {
  expect(agents).toContain('bootstrap.py')
  expect(agents).toContain('exec.py')
})

describe.each(agents)('%s', (agent) => {
  test.each(interpreters)('compiles without a warning on $name', ({ path }) => {
    const program = 'import sys; compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec")'
    execFileSync(path, ['-W', 'error', '-c', program, folder + agent], { stdio: 'pipe' })
  })

  test('has a header that lists what it changes', () => {
    expect(fs.readFileSync(folder + agent, 'utf8')).toMatch(/^"""[^"]*\bchanges\b[^"]*"""/i)
  })

  test('imports C modules and the standard library only', () => {
    const imports = [...fs.readFileSync(folder + agent, 'utf8').matchAll(/^\s*import (\w+)$/gm)].map(([, name]) => name)
    const allowed = agent.startsWith('pdb') ? [...ALLOWED, ...WITH_PDB] : ALLOWED
    expect(imports.filter((name) => !allowed.includes(name ?? ''))).toEqual([])
  })
})

test.each(interpreters)('a request that comes in while another has its turn finds the program: $name', ({ path }) => {
  const program = `
import sys
main = """
def main(nested):
    if nested is None:
        return program_frame()
    exec(nested, names := {"main": main, "remora": None})
    return names["remora"]
"""
ours = {}
exec(compile(sys.argv[1] + main, "<remora>", "exec"), ours)
def innermost():
    names = {**ours, "remora": None, "nested": compile("remora = main(None)", "<string>", "exec")}
    exec(compile("def begin(): return main(nested)\\nremora = begin()", "<string>", "exec"), names)
    return names["remora"]
print(innermost().f_code.co_name)
`
  const words = ['-c', program, fs.readFileSync(`${folder}program_frame.py`, 'utf8')]
  expect(execFileSync(path, words, { encoding: 'utf8' })).toBe('innermost\n')
})

const ALLOWED = [
  '_ast',
  '_functools',
  '_imp',
  '_operator',
  '_signal',
  '_socket',
  'contextvars',
  'gc',
  'linecache',
  'marshal',
  'posix',
  'sys',
  'time',
  'traceback',
]

/** pdb itself, and what it has imported anyway. */
const WITH_PDB = ['_signal', 'codeop', 'io', 'json', 'pdb', 'select', 'threading']
