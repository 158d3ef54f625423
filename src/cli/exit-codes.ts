// The exit code of a command that runs code, by how that ended.

import type { Outcome } from '../session/documents/index.js'

export const runExitCodes: Readonly<Record<Outcome, number>> = {
  completed: 0,
  raised: 1,
  exited: 4,
  withdrawn: 5,
}
