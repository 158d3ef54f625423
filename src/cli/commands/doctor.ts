// `remora doctor`: what would stop an attach, as a list of checks. Ends with the exit code that an attach would end
// with.

import { type ErrorCode, errorCodes } from '../../errors/codes.js'
import { RemoraError } from '../../errors/remora-error.js'
import { diagnose } from '../../session/doctor/doctor.js'
import type { DoctorDocument } from '../../session/documents/index.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption } from '../command.js'
import { renderDiagnosis } from '../render/doctor.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'doctor',
  usage: '[<target>]',
  description:
    'Each line is a check that was really made. Without a target, the machine is examined. Nothing is written into the target.',
  options: { json: jsonOption },
  examples: ['remora doctor', 'remora doctor 1234', 'remora doctor :8000 --json'],
  run,
}

export const main = mainOf(command)

/** For a check that no error belongs to: the target is in a state in which it runs nothing. */
const TARGET_EXIT_CODE = 4

async function run({ positionals, options }: Invocation, terminal: Terminal): Promise<number> {
  const [word, ...rest] = positionals
  if (rest.length > 0) throw new RemoraError('USAGE', `unexpected argument ${rest[0]}`, { command: 'doctor' })
  const document = diagnose(word === undefined ? undefined : (await chooseTarget(word, 'doctor')).pid)
  if (options.json === true) await terminal.writeOut(`${JSON.stringify(document)}\n`)
  else await terminal.writeOut(renderDiagnosis(document, terminal))
  return toExitCode(document)
}

function toExitCode({ checks }: DoctorDocument): number {
  const failed = checks.find(({ ok }) => !ok)
  if (failed === undefined) return 0
  return failed.code === undefined ? TARGET_EXIT_CODE : errorCodes[failed.code as ErrorCode].exitCode
}
