// Compares what a program said of itself before and after a visit (contract point 6).

import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import type { Interpreter } from './interpreters.js'
import type { Fingerprint } from './target.js'

/** Standard modules that a visit may leave imported. */
const ALWAYS = ['_socket', '_functools']

const known = new Map<string, readonly string[]>()

/** Modules that the visited script itself imports when it runs: what `code` imports in an interpreter of its own. */
export function importedBy(interpreter: Interpreter, code: string): readonly string[] {
  const key = `${interpreter.path}\n${code}`
  const modules = known.get(key) ?? readImportedBy(interpreter, code)
  known.set(key, modules)
  return modules
}

function readImportedBy(interpreter: Interpreter, code: string): readonly string[] {
  const program = `${code}\nimport sys\nprint("\\n", *sys.modules)`
  const output = execFileSync(interpreter.path, ['-c', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return output.trim().split('\n').at(-1)?.trim().split(' ') ?? []
}

export function expectUnchanged(before: Fingerprint, after: Fingerprint, imported: readonly string[] = []): void {
  const allowed = new Set([...before.modules, ...ALWAYS, ...imported])
  expect(after.modules.filter((name) => !allowed.has(name))).toEqual([])
  expect({ ...after, modules: before.modules }).toEqual(before)
}
