// `remora doctor`: what would stop an attach, tested rather than guessed, with what mends it. Without a target it
// examines the machine. Reads only; the one thing it makes, the directory to meet in, it removes at once.

import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { CheckInfo, DoctorDocument, ReachInfo } from '../documents/index.js'
import { openProcess } from '../target/open-process.js'
import { runChecks } from './check.js'
import { interpreterChecks } from './interpreter.js'
import { machineChecks, platformCheck } from './machine.js'
import { type Opening, processChecks } from './process.js'
import { MainThread, mainThreadCheck, reachCheck } from './reach.js'
import { surroundingsChecks } from './surroundings.js'

/** Never throws for what is wrong with the machine or the target: that is what the checks say. */
export function diagnose(pid?: number): DoctorDocument {
  const takenAt = new Date().toISOString()
  if (pid === undefined) return { schema: 'remora.doctor/1', takenAt, checks: runChecks(machineChecks, undefined) }
  const platform = runChecks([platformCheck], undefined)
  if (!platform.every(({ ok }) => ok)) return { schema: 'remora.doctor/1', takenAt, checks: platform }
  const opening = open(pid)
  try {
    return {
      schema: 'remora.doctor/1',
      takenAt,
      ...(opening.opened === undefined ? {} : { target: opening.opened.info }),
      ...examine(opening),
    }
  } finally {
    opening.opened?.memory.close()
  }
}

function examine(opening: Opening): { checks: CheckInfo[]; reach?: ReachInfo } {
  const checks = runChecks(processChecks, opening)
  const { opened } = opening
  if (opened === undefined) return withoutReach(checks)
  checks.push(...runChecks(interpreterChecks, opened))
  const isOver = checks.some(({ ok, code }) => !ok && (code === 'INTERPRETER_FINALIZING' || code === 'TARGET_EXITED'))
  if (isOver) return withoutReach(checks)
  checks.push(...runChecks(surroundingsChecks, opened))
  // What stands in the way altogether has been said by then: how soon a script would run means nothing.
  const isBlocked = checks.some(({ ok }) => !ok)
  const mainThread = new MainThread(opened)
  const examined = runChecks(isBlocked ? [mainThreadCheck] : [mainThreadCheck, reachCheck], mainThread)
  checks.push(...examined)
  return checks.some(({ ok }) => !ok) ? withoutReach(checks) : { checks, reach: mainThread.reach }
}

function withoutReach(checks: CheckInfo[]): { checks: CheckInfo[]; reach: ReachInfo } {
  const reason = checks.find(({ ok }) => !ok)?.detail ?? 'it could not be examined to the end'
  return { checks, reach: { verdict: 'unreachable', reason } }
}

function open(pid: number): Opening {
  try {
    return { pid, opened: openProcess(pid, { access: 'read' }) }
  } catch (error) {
    if (error instanceof RemoraError) return { pid, error }
    if (systemErrorCode(error) === undefined) throw error
    // Read from a process in the middle of its end.
    return { pid, error: new RemoraError('TARGET_EXITED', `process ${pid} has ended`, { pid, cause: error }) }
  }
}
