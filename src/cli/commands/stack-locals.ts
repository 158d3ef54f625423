// `remora stack --locals`: the same command with all its code.

import { readStackWithLocals } from '../../session/read/stack-locals.js'
import { mainOf } from '../run-command.js'
import { stackCommand } from '../stack-command.js'

export const main = mainOf(stackCommand(readStackWithLocals))
