// The frames of a thread as addresses, for those who want to look into one rather than show where it is. They are
// numbered as a stack is printed.

import type { CodeCache } from '../cpython/code/code.js'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import type { ThreadState } from '../cpython/runtime/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { copyFrames, type FoundFrame, findCodes } from './read-stack.js'

/**
 * The frames of `thread` that a stack shows, innermost first.
 * @throws RemoraError `MEMORY_UNREADABLE` when the thread moved while they were read.
 */
export function readFrames(runtime: Runtime, thread: ThreadState, codes: CodeCache): FoundFrame[] {
  const { frames, proved } = copyFrames(runtime, thread)
  const found = proved && frames !== undefined ? findCodes(frames, codes) : undefined
  if (found === undefined) {
    throw new RemoraError('MEMORY_UNREADABLE', 'the stack changed while it was read', { thread: thread.nativeId })
  }
  return found
}
