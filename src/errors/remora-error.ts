// The one error class of the project. Low layers throw it with a code and facts; the way out of each code
// stands in `codes.ts`, and only a front-end turns both into text. It carries no formatting of its own.

import { type ErrorCode, errorCodes } from './codes.js'

/** Facts of one failure, by name: whatever a hint or a reader may need (`pid`, `path`, `scope`, …). */
export type ErrorDetails = Readonly<Record<string, unknown>>

/**
 * A foreseeable failure: what went wrong (`message`), which remedy it has (`code`), and the facts (`details`).
 * Match on `code`, never on the text.
 */
export class RemoraError extends Error {
  override readonly name = 'RemoraError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...facts } = details
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = facts
  }

  /** The way out, in one or two sentences; it ends in something to type wherever there is such a thing. */
  get hint(): string {
    const { hint } = errorCodes[this.code]
    return typeof hint === 'string' ? hint : hint(this.details)
  }

  /** The exit code of the command line for this failure: 1, 2, 3, 4, 5 or 70. */
  get exitCode(): number {
    return errorCodes[this.code].exitCode
  }
}

/** The `code` of a Node system error (`'ENOENT'`, `'EACCES'`, …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
