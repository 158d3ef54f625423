// The frames of a thread as addresses, for those who want to look into one rather than show where it is. They are
// numbered as a stack is printed, and read one by one: nobody looks into many.

import type { Code, CodeCache } from '../cpython/code.js'
import type { Runtime } from '../cpython/find-runtime.js'
import { OWNED_BY_GENERATOR, parseFrame, type RawFrame, unitOf } from '../cpython/frame.js'
import { parseThread, type ThreadState } from '../cpython/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { MAX_FRAMES } from './read-stack.js'

export interface FoundFrame {
  readonly frame: RawFrame
  readonly code: Code
}

/**
 * The frames of `thread` that a stack shows, innermost first.
 * @throws RemoraError `MEMORY_UNREADABLE` when the thread moved while they were read.
 */
export function readFrames(runtime: Runtime, thread: ThreadState, codes: CodeCache): FoundFrame[] {
  const frames = walk(runtime, thread)
  const again = walk(runtime, thread)
  const isSame = frames.every(({ address, code }, index) => {
    return again[index]?.address === address && again[index].code === code
  })
  if (!isSame || again.length !== frames.length) throw moved(thread)
  return frames.flatMap((frame) => {
    if (frame.code === 0) return []
    const code = codes.read(frame.code)
    const unit = unitOf(frame, code)
    const isSetUp = frame.owner === OWNED_BY_GENERATOR || unit === undefined || unit >= code.firstTraceable
    return isSetUp ? [{ frame, code }] : []
  })
}

function walk(runtime: Runtime, thread: ThreadState): RawFrame[] {
  const { memory, offsets } = runtime
  const state = parseThread(runtime, thread.address, memory.read(thread.address, offsets.thread_state.size))
  const frames: RawFrame[] = []
  const seen = new Set<number>()
  for (let at = state.currentFrame; at !== 0; ) {
    if (seen.has(at) || frames.length >= MAX_FRAMES) throw moved(thread)
    seen.add(at)
    const frame = parseFrame(runtime, at, memory.read(at, offsets.interpreter_frame.size), 0)
    if (frame === undefined) throw moved(thread)
    frames.push(frame)
    at = frame.previous
  }
  return frames
}

function moved({ nativeId }: ThreadState): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', 'the stack changed while it was read', { thread: nativeId })
}
