// `--rendezvous`: of all commands that an agent in the target comes back to.

import type { WritableTargetOptions } from '../../session/run/writable-target.js'
import { type Invocation, type OptionSpec, stringOption } from '../command.js'

export const rendezvousOption: OptionSpec = {
  type: 'string',
  placeholder: 'DIR',
  description: 'where the socket between Remora and the target lies: a directory, as the target sees it',
}

export function readRendezvous(invocation: Invocation): Pick<WritableTargetOptions, 'rendezvous'> {
  const directory = stringOption(invocation, 'rendezvous')
  return directory === undefined ? {} : { rendezvous: [directory] }
}
