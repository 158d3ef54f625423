// `--nudge`: of all commands that ask a thread of the target to run something.

import { RemoraError } from '../../errors/remora-error.js'
import type { HostOptions } from '../../session/run/host.js'
import { type Invocation, type OptionSpec, stringOption } from '../command.js'

export const nudgeOption: OptionSpec = {
  type: 'string',
  bareValue: 'safe',
  placeholder: 'force',
  description: 'wake a thread that is blocked in a system call; with =force also in a call that foreign code made',
}

/** @throws RemoraError `USAGE` for another value than `safe` and `force`. */
export function readNudgeMode(invocation: Invocation): HostOptions['nudge'] {
  const mode = stringOption(invocation, 'nudge')
  if (mode === undefined || mode === 'safe' || mode === 'force') return mode
  throw new RemoraError('USAGE', `--nudge takes nothing or =force, not ${mode}`)
}
