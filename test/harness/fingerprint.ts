// Compares what a program said of itself before and after a visit (contract point 6).

import { expect } from 'vitest'
import type { Fingerprint } from './target.js'

/** Standard modules that a visit may leave imported. */
const ALWAYS = ['_socket', '_functools', 'functools', 'marshal', 'time', 'posix', 'os']

/** With a script that raised, what the interpreter's own traceback printing imports as well. */
const FOR_TRACEBACKS = [
  '_colorize', '_ast', '_opcode', '_opcode_metadata', '_tokenize', 'ast', 'annotationlib', 'codeop', 'contextlib', 'copy',
  'copyreg', 'dataclasses', 'dis', 'enum', 'inspect', 'keyword', 'linecache', 'opcode', 're', 're._casefix', 're._compiler',
  're._constants', 're._parser', '_sre', 'suggestions', '_suggestions', 'textwrap', 'token', 'tokenize', 'traceback', 'types',
  'collections', 'collections.abc', '_collections', 'operator', '_operator', 'reprlib', 'itertools', 'weakref', 'importlib',
  'importlib.machinery', 'importlib._bootstrap', 'importlib._bootstrap_external', '_typing', 'typing',
]

export function expectUnchanged(before: Fingerprint, after: Fingerprint, { raised = false } = {}): void {
  const allowed = new Set([...ALWAYS, ...(raised ? FOR_TRACEBACKS : [])])
  const newModules = after.modules.filter((name) => !before.modules.includes(name) && !allowed.has(name))
  expect(newModules).toEqual([])
  expect({ ...after, modules: before.modules }).toEqual(before)
}
