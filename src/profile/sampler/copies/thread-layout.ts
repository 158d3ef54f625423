// Where the words that the sampler needs lie in a thread state, as indexes of 32-bit words in the piece that is copied
// of it. The piece begins at the thread state's own start and ends behind the last of these words.

import type { AsyncioOffsets } from '../../../cpython/asyncio/asyncio-offsets.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'

export interface ThreadLayout {
  /** Length of the piece in bytes. */
  readonly bytes: number
  readonly next: number
  readonly interpreter: number
  readonly status: number
  readonly holdsGil: number
  readonly currentFrame: number
  /** -1 where threads have none. */
  readonly baseFrame: number
  readonly threadId: number
  readonly nativeId: number
  readonly chunk: number
  readonly chunkTop: number
  readonly contextVersion: number
  readonly currentException: number
  /** Pointer to the innermost handler's exception; at the bottom that lies in the thread state itself. */
  readonly handled: number
  readonly bottomHandled: number
  /** -1 when tasks were not asked for. */
  readonly runningTask: number
}

export function layOutThread({ offsets }: Runtime, asyncio?: AsyncioOffsets): ThreadLayout {
  const { thread_state } = offsets
  const runningTask = asyncio?.thread_state.asyncio_running_task
  return {
    bytes: Math.max(thread_state.exc_state, runningTask ?? 0, thread_state.datastack_top) + 8,
    next: thread_state.next >> 2,
    interpreter: thread_state.interp >> 2,
    status: thread_state.status >> 2,
    holdsGil: thread_state.holds_gil >> 2,
    currentFrame: thread_state.current_frame >> 2,
    baseFrame: thread_state.base_frame === undefined ? -1 : thread_state.base_frame >> 2,
    threadId: thread_state.thread_id >> 2,
    nativeId: thread_state.native_thread_id >> 2,
    chunk: thread_state.datastack_chunk >> 2,
    chunkTop: thread_state.datastack_top >> 2,
    contextVersion: thread_state.context_ver >> 2,
    currentException: thread_state.current_exception >> 2,
    handled: thread_state.exc_info >> 2,
    bottomHandled: thread_state.exc_state >> 2,
    runningTask: runningTask === undefined ? -1 : runningTask >> 2,
  }
}
