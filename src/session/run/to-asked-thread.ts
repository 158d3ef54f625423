// From a thread as the session lists it to one that a request can be written for.

import { isStaticState } from '../../cpython/runtime/interpreter.js'
import type { AskedThread } from '../../inject/asked-thread.js'
import { withThreadsStopped } from '../../process/stop/thread-stop.js'
import type { TargetThread } from '../activity/threads.js'
import type { OpenProcess } from '../target/open-process.js'

/** The main thread's state is static; any other is freed when its thread ends, which a stop of both prevents. */
export function toAskedThread({ status, runtime }: OpenProcess, { state, tid, main }: TargetThread): AskedThread {
  const tids = tid === status.pid ? [tid] : [status.pid, tid]
  return {
    slot: { runtime, thread: state.address },
    status,
    tid,
    main,
    hold: isStaticState(runtime, state)
      ? (action) => action()
      : (action) => withThreadsStopped(status.pid, tids, action),
  }
}
