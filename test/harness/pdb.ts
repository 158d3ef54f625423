// What the tests of `remora pdb` share.

import { expect } from 'vitest'
import { expectUnchanged, importedBy } from './fingerprint.js'
import type { Interpreter } from './interpreters.js'
import type { Screen } from './screen.js'
import type { TestTarget } from './target.js'

/** What pdb and its client's wishes import. It stays; see docs/pdb.md. */
export const pdbImports =
  'import pdb, traceback, json, codeop, difflib, io, _suggestions, _pyrepl.main, _pyrepl.readline'

/** Ends the program, which has computed what it should and is as it was before the visit. */
export async function expectUndisturbed(
  interpreter: Interpreter,
  program: TestTarget,
  expected: unknown = true,
): Promise<void> {
  const { result, fingerprint, exit } = await program.finish()
  expect([result, exit, program.stderr]).toEqual([expected, 0, ''])
  expectUnchanged(program.before, fingerprint, importedBy(interpreter, pdbImports))
}

/** Types a command and waits for the next prompt. */
export async function answer(screen: Screen, line: string): Promise<void> {
  const prompts = screen.text.split('(Pdb)').length - 1
  screen.enter(line)
  await screen.until(new RegExp(`(\\(Pdb\\)[\\s\\S]*){${prompts}}\\(Pdb\\)$`))
}
