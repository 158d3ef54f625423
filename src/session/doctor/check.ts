// What a check of the doctor is, and how a list of them is run: in order, each failure kept as a result, up to the
// first one that makes the rest meaningless.

import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { CheckInfo } from '../documents/index.js'

export type Verdict = Omit<CheckInfo, 'id'>

export interface Check<Subject> {
  readonly id: string
  /** Whether nothing after it means anything when it fails. */
  readonly decisive?: boolean
  /** May throw a RemoraError or a system error: then the check has failed. */
  run(subject: Subject): Verdict
}

export function runChecks<Subject>(checks: readonly Check<Subject>[], subject: Subject): CheckInfo[] {
  const results: CheckInfo[] = []
  for (const { id, decisive = false, run } of checks) {
    const result = { id, ...settle(() => run(subject)) }
    results.push(result)
    if (!result.ok && (decisive || result.code === 'TARGET_EXITED' || result.code === 'PROCESS_NOT_FOUND')) break
  }
  return results
}

export function pass(detail: string, remedy?: string): Verdict {
  return { ok: true, detail, ...(remedy === undefined ? {} : { remedy }) }
}

/** @param change What this check knows better than the error. */
export function fail({ code, message, hint }: RemoraError, change: { detail?: string; remedy?: string } = {}): Verdict {
  return { ok: false, detail: message, remedy: hint, code, ...change }
}

function settle(run: () => Verdict): Verdict {
  try {
    return run()
  } catch (error) {
    if (error instanceof RemoraError) return fail(error)
    if (systemErrorCode(error) !== undefined) return { ok: false, detail: (error as Error).message }
    throw error
  }
}
