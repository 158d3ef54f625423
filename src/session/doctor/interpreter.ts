// Whether an interpreter that can be read would also run code: its build, its settings, its state, and that its memory
// can be opened for writing. Nothing is written.

import { readFinalizing, readMainInterpreter } from '../../cpython/runtime/interpreter.js'
import { readAbiFlags } from '../../cpython/runtime/sys-module.js'
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
  if (runtime.freeThreaded) {
    return fail(
      new RemoraError(
        'PYTHON_UNSUPPORTED',
        'a free-threaded build: no code can be run in it yet, nor can it be profiled; reading it is untried on a live one',
        {
          freeThreaded: true,
        },
      ),
    )
  }
  return pass(readAbiFlags(runtime).includes('d') ? 'a debug build, with the GIL' : 'a release build, with the GIL')
}

function checkRemoteDebugging({ runtime, status: { pid } }: OpenProcess): Verdict {
  if (readMainInterpreter(runtime).remoteDebugging) return pass('remote debugging is enabled')
  const { detail, remedy } = explainDisabled(readArguments(pid), readEnvironment(pid))
  return fail(new RemoraError('REMOTE_DEBUG_DISABLED', detail, { pid }), { remedy })
}

function checkFinalizing({ runtime }: OpenProcess): Verdict {
  if (!readFinalizing(runtime)) return pass('the interpreter is not shutting down')
  return fail(new RemoraError('INTERPRETER_FINALIZING', 'the interpreter is shutting down'))
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
