// The agents as Python: each compiles without a warning on every supported interpreter, and says in its header what it
// changes.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { assembleAgent } from '../../../scripts/build/assemble-agent.mjs'
import { toKinds } from '../../../scripts/build/kinds.mjs'
import * as protocol from '../../../src/inject/protocol.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const folder = fileURLToPath(new URL('../../../src/agents/', import.meta.url))
const kinds = toKinds(protocol)
const dist = fileURLToPath(new URL('../../../dist', import.meta.url))
const agents = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py'))

test('there are agents', () => {
  expect(agents).toContain('bootstrap.py')
  expect(agents).toContain('run/exec.py')
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
    const allowed = agent.startsWith('pdb/') ? [...ALLOWED, ...WITH_PDB] : ALLOWED
    expect(imports.filter((name) => !allowed.includes(name ?? ''))).toEqual([])
  })
})

describe.each(Object.keys(protocol.AGENTS))('the agent %s', (name) => {
  test.each(interpreters)('is compiled for $name, from the text that is beside it', ({ path: python }) => {
    const program = `
import _imp, marshal, sys
path = sys.argv[1]
code = marshal.loads(open(f"{path}.{_imp.pyc_magic_number_token & 0xffff}", "rb").read())
assert code == compile(open(path + ".py", "rb").read(), "<remora>", "exec"), "they differ"
`
    execFileSync(python, ['-c', program, path.join(dist, 'agents', name)], { stdio: 'pipe' })
  })
})

test.each(interpreters)('the bootstrap is compiled for $name, from its text', ({ path: python, version }) => {
  const program = `
import _imp, json, marshal, sys
compiled = json.load(open(sys.argv[1]))
assert compiled["magic"] == _imp.pyc_magic_number_token & 0xffff, "it is for another interpreter"
assert marshal.loads(bytes.fromhex(compiled["code"])) == compile(open(sys.argv[2]).read(), "<string>", "exec"), "they differ"
`
  const file = path.join(dist, 'agents', `bootstrap.${version.split('.', 2).join('.')}.json`)
  execFileSync(python, ['-c', program, file, path.join(dist, 'agents', 'bootstrap.py')], { stdio: 'pipe' })
})

test.each(interpreters)('an interpreter that the build did not know gets the text: $name', async (interpreter) => {
  const program = await startTarget(interpreter, 'busy.py')
  const copy = path.join(temporaryDirectory(), 'dist')
  const isText = (file: string): boolean => path.dirname(file) !== path.join(dist, 'agents') || file.endsWith('.py')
  fs.cpSync(dist, copy, { recursive: true, filter: isText })
  const main = path.join(copy, 'cli', 'main.cjs')
  const run = (...words: string[]): string => execFileSync(process.execPath, [main, ...words], { encoding: 'utf8' })
  expect(run('exec', String(program.pid), '-c', 'print(6 * 7)')).toBe('42\n')
  expect(run('trace', String(program.pid), 'spin', '-n', '1', '--for', '1s', '--json')).toContain('"event":"attached"')
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
  const words = ['-c', program, assembleAgent(`${folder}program/frames.py`, kinds)]
  expect(execFileSync(path, words, { encoding: 'utf8' })).toBe('innermost\n')
})

/** A client whose conversation with an agent has ended: one that is killed listens for a moment longer. */
const CLIENT = `
import os, select, socket, sys, threading
source, directory, fate = sys.argv[1:]
os.mkdir(directory)
place = {"directory": directory, "socket": directory + "/s", "script": directory + "/script.py"}
open(place["script"], "w").close()
listener = socket.socket(socket.AF_UNIX)
listener.bind(place["socket"])
listener.listen()
def client(conversations):
    for _ in range(conversations):
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.close()
    select.select([listener], [], [])
    if fate == "lives":
        connection, _ = listener.accept()
        connection.recv(1)
        connection.close()
    listener.close()
def visit(conversations, act, *arguments):
    thread = threading.Thread(target=client, args=[conversations])
    thread.start()
    act(*arguments)
    thread.join()
    print(sorted(os.listdir(directory)) if os.path.exists(directory) else "removed")
names = {}
exec(source, names)
`

describe.each([
  ['lives', "['s', 'script.py']\n"],
  ['is killed', 'removed\n'],
])('the files of a client that %s', (fate, expected) => {
  const run = (python: string, agent: string, visit: string): string => {
    const source = assembleAgent(folder + agent, kinds)
    const words = ['-W', 'error', '-c', CLIENT + visit, source, path.join(temporaryDirectory(), 'client'), fate]
    return execFileSync(python, words, { encoding: 'utf8' })
  }

  test.each(interpreters)('when its agent ends: $name', ({ path: python }) => {
    expect(run(python, 'wire/rendezvous.py', 'visit(0, names["remove_rendezvous"], place)')).toBe(expected)
  })

  test.each(interpreters)('when it has not let an agent in: $name', ({ path: python }) => {
    const visit = 'visit(1, names["main"], {**place, "token": "", "clientToken": ""})'
    expect(run(python, 'bootstrap.py', visit)).toBe(expected)
  })
})

const ALLOWED = [
  '_ast',
  '_functools',
  '_imp',
  '_operator',
  '_signal',
  '_socket',
  '_thread',
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
