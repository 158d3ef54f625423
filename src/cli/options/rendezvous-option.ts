// `--rendezvous`: of all commands that an agent in the target comes back to.

import type { RequestsOptions } from '../../session/run/requests.js'
import { type Invocation, type OptionSpec, stringOption } from '../command.js'

export const rendezvousOption: OptionSpec = {
  type: 'string',
  placeholder: 'DIR',
  description: 'where the socket between Remora and the target lies: a directory, as the target sees it',
}

export function readRendezvous(invocation: Invocation): Pick<RequestsOptions, 'rendezvous'> {
  const directory = stringOption(invocation, 'rendezvous')
  return directory === undefined ? {} : { rendezvous: [directory] }
}
