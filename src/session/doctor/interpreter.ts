// Whether an interpreter that can be read would also run code: its build, its settings, its state, and that its memory
// can be opened for writing. Nothing is written.

import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import { findRunObstacles } from '../../cpython/runtime/run-obstacles.js'
import { readAbiFlags } from '../../cpython/runtime/sys-module.js'
import type { ErrorCode } from '../../errors/codes.js'
import { RemoraError } from '../../errors/remora-error.js'
import { readRequest } from '../../inject/request.js'
import { openMemory } from '../../memory/open.js'
import { toMemoryAccessError } from '../../process/permission.js'
import { readArguments, readEnvironment } from '../../process/status.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { OpenProcess } from '../target/open-process.js'
import { type Check, fail, pass, type Verdict } from './check.js'
import { explainDisabled } from './explain-disabled.js'

export const interpreterChecks: readonly Check<OpenProcess>[] = [
  { id: 'build', run: checkBuild },
  { id: 'remote-debugging', run: checkRemoteDebugging },
  { id: 'finalizing', decisive: true, run: checkFinalizing },
  { id: 'write', run: checkWrite },
  { id: 'request', run: checkNoRequest },
]

function checkBuild({ runtime }: OpenProcess): Verdict {
  const obstacle = findObstacle(runtime, 'PYTHON_UNSUPPORTED')
  if (obstacle !== undefined) {
    return fail(obstacle, {
      detail: `${obstacle.message}, nor can it be profiled; reading it is untried on a live one`,
    })
  }
  return pass(readAbiFlags(runtime).includes('d') ? 'a debug build, with the GIL' : 'a release build, with the GIL')
}

function checkRemoteDebugging({ runtime, status: { pid } }: OpenProcess): Verdict {
  const obstacle = findObstacle(runtime, 'REMOTE_DEBUG_DISABLED')
  if (obstacle === undefined) return pass('remote debugging is enabled')
  return fail(obstacle, explainDisabled(readArguments(pid), readEnvironment(pid)))
}

function checkFinalizing({ runtime }: OpenProcess): Verdict {
  const obstacle = findObstacle(runtime, 'INTERPRETER_FINALIZING')
  return obstacle === undefined ? pass('the interpreter is not shutting down') : fail(obstacle)
}

function findObstacle(runtime: Runtime, code: ErrorCode): RemoraError | undefined {
  return findRunObstacles(runtime).find((obstacle) => obstacle.code === code)
}

function checkWrite({ status }: OpenProcess): Verdict {
  try {
    openMemory(status.pid, 'read-write').close()
  } catch (cause) {
    return fail(toMemoryAccessError(cause, status), { detail: 'its memory can be read, but not opened for writing' })
  }
  return pass('its memory can be written')
}

function checkNoRequest(opened: OpenProcess): Verdict {
  const { runtime } = opened
  const { state } = chooseThread(listThreads(opened), 'main')
  const request = readRequest({ runtime, thread: state.address })
  if (!request.pending) return pass('no script of anyone else is waiting to run')
  const detail = `someone else's script is waiting to run in the main thread: ${request.path}`
  return fail(new RemoraError('REQUEST_PENDING', detail, { path: request.path }))
}
