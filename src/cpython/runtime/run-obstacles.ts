// Whether code can run in an interpreter that can be read: one answer for those who ask it to, who list processes, and
// who examine one. Only what shows in its memory counts here; permissions and other debuggers are no facts of Python.

import { RemoraError } from '../../errors/remora-error.js'
import type { Runtime } from './find-runtime.js'
import { type InterpreterState, readFinalizing, readMainInterpreter } from './interpreter.js'

/** All that is in the way, what lasts longest first; each is the error with which a request would end. */
export function findRunObstacles(
  runtime: Runtime,
  { remoteDebugging }: Pick<InterpreterState, 'remoteDebugging'> = readMainInterpreter(runtime),
): RemoraError[] {
  const obstacles: RemoraError[] = []
  if (runtime.freeThreaded) {
    const message = 'a free-threaded build: no code can be run in it yet'
    obstacles.push(new RemoraError('PYTHON_UNSUPPORTED', message, { freeThreaded: true }))
  }
  if (!remoteDebugging) {
    const message = 'remote debugging is disabled in the target: it can be read, but runs no code'
    obstacles.push(new RemoraError('REMOTE_DEBUG_DISABLED', message))
  }
  if (readFinalizing(runtime)) {
    obstacles.push(new RemoraError('INTERPRETER_FINALIZING', 'its interpreter is shutting down'))
  }
  return obstacles
}
