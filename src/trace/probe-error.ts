// The error of an invalid probe: says what was expected, and points at the character.

import { RemoraError } from '../errors/remora-error.js'

export function invalidProbe(text: string, at: number, problem: string): RemoraError {
  // One line, so that the mark below stands under its character.
  const line = text.replaceAll(/\s/g, ' ')
  const column = [...line.slice(0, at)].length
  const message = `invalid probe at column ${column + 1}: ${problem}\n  ${line}\n  ${' '.repeat(column)}^`
  return new RemoraError('PROBE_INVALID', message, { probe: text, at })
}
