// The frames of a thread as addresses, for those who want to look into one rather than show where it is. They are
// numbered as a stack is printed.

import type { Code, CodeCache } from '../cpython/code.js'
import type { Runtime } from '../cpython/find-runtime.js'
import { OWNED_BY_GENERATOR, type RawFrame, unitOf } from '../cpython/frame.js'
import type { ThreadState } from '../cpython/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { copyFrames } from './read-stack.js'

export interface FoundFrame {
  readonly frame: RawFrame
  readonly code: Code
}

/**
 * The frames of `thread` that a stack shows, innermost first.
 * @throws RemoraError `MEMORY_UNREADABLE` when the thread moved while they were read.
 */
export function readFrames(runtime: Runtime, thread: ThreadState, codes: CodeCache): FoundFrame[] {
  const { frames, proved } = copyFrames(runtime, thread)
  if (frames === undefined || !proved) {
    throw new RemoraError('MEMORY_UNREADABLE', 'the stack changed while it was read', { thread: thread.nativeId })
  }
  return frames.flatMap((frame) => {
    if (frame.code === 0) return []
    const code = codes.read(frame.code)
    const unit = unitOf(frame, code)
    const isSetUp = frame.owner === OWNED_BY_GENERATOR || unit === undefined || unit >= code.firstTraceable
    return isSetUp ? [{ frame, code }] : []
  })
}
