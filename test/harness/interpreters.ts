// The interpreters that the integration tests run on: what the set-up found. `scripts/test.mjs` prints them as the
// matrix and fails when 3.14 or 3.15 is missing; here nothing is skipped in silence either.

import { findPythons } from '../../scripts/pythons.mjs'

export interface Interpreter {
  readonly name: string
  readonly path: string
  readonly version: string
  readonly debug: boolean
  readonly freeThreaded: boolean
}

const found: readonly Interpreter[] = findPythons()

export const interpreters = found.filter(({ freeThreaded }) => !freeThreaded)

/** They have a test file of their own, as no code can be run in them. */
export const freeThreadedInterpreters = found.filter(({ freeThreaded }) => freeThreaded)

if (interpreters.length === 0) throw new Error('no CPython >= 3.14 was found; bring one with: npm run setup')

/** One interpreter, for what does not depend on the version. */
export const anyInterpreter = interpreters[0] as Interpreter
