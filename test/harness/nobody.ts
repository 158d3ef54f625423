// Another user, for tests that need one. Only root can become one, and that one has to be let into this checkout, which
// may lie in a folder of root's own. Where it cannot be, that is said.

import { spawnSync } from 'node:child_process'
import { checkoutFolder } from './checkout.js'
import { anyInterpreter } from './interpreters.js'
import { cliPath } from './remora.js'

export const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

export const canBeNobody = process.getuid?.() === 0 && isLetIn()

if (!canBeNobody) {
  const reason = process.getuid?.() === 0 ? `nobody may not enter ${checkoutFolder}` : 'they need root'
  console.warn(`SKIPPED: tests of other users, as ${reason}`)
}

function isLetIn(): boolean {
  const [command, ...words] = [...NOBODY, anyInterpreter.path, '-I', '-c', 'import sys; open(sys.argv[1])', cliPath]
  return spawnSync(command as string, words).status === 0
}
