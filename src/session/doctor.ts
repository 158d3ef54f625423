// `remora doctor`: what would stop an attach, tested rather than guessed, with what mends it. Without a target it
// examines the machine. Reads only; the one thing it makes, the directory to meet in, it removes at once.

import { RemoraError, systemErrorCode } from '../errors/remora-error.js'
import { runChecks } from './doctor/check.js'
import { interpreterChecks } from './doctor/interpreter.js'
import { machineChecks, platformCheck } from './doctor/machine.js'
import { type Opening, processChecks } from './doctor/process.js'
import { surroundingsChecks } from './doctor/surroundings.js'
import type { CheckInfo, DoctorDocument } from './documents.js'
import { openProcess } from './open-process.js'

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
      checks: examine(opening),
    }
  } finally {
    opening.opened?.memory.close()
  }
}

function examine(opening: Opening): CheckInfo[] {
  const checks = runChecks(processChecks, opening)
  const { opened } = opening
  if (opened === undefined) return checks
  checks.push(...runChecks(interpreterChecks, opened))
  const isOver = checks.some(({ ok, code }) => !ok && (code === 'INTERPRETER_FINALIZING' || code === 'TARGET_EXITED'))
  return isOver ? checks : [...checks, ...runChecks(surroundingsChecks, opened)]
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
