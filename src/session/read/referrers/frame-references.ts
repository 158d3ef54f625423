// The local variables of the calls of all threads that are one of some objects. Those of calls that rest (generators,
// coroutines, the frames of a traceback) belong to objects, which the garbage collector knows.

import { CodeCache } from '../../../cpython/code/code.js'
import { readCodeVariables } from '../../../cpython/code/code-variables.js'
import { readLocals } from '../../../cpython/frames/locals.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { readFrames } from '../../../unwind/find-frame.js'
import type { FoundFrame } from '../../../unwind/read-stack.js'
import { listThreads, type TargetThread } from '../../activity/threads.js'
import type { OpenProcess } from '../../target/open-process.js'
import { isSameFrame, whereIs } from '../inspect/frame-root.js'

export interface FrameReference {
  readonly value: Address
  /** Path of the frame: `@main:2`. */
  readonly frame: string
  /** `<frame of work, app.py:12>` */
  readonly text: string
  readonly name: string
}

/** `complete` is false when the stack of a thread changed each time it was read. */
export function findInFrames(
  opened: OpenProcess,
  isWanted: (value: Address) => boolean,
): { readonly found: readonly FrameReference[]; readonly complete: boolean } {
  const threads = listThreads(opened).map((thread) => {
    return unlessTorn(() => findInThread(opened, thread, isWanted), undefined)
  })
  return { found: threads.flatMap((found) => found ?? []), complete: !threads.includes(undefined) }
}

/** @throws RemoraError `MEMORY_UNREADABLE` when one of the calls that were found has ended meanwhile. */
function findInThread(
  { runtime }: OpenProcess,
  { state, main }: TargetThread,
  isWanted: (value: Address) => boolean,
): FrameReference[] {
  const codes = new CodeCache(runtime)
  const frames = readFrames(runtime, state, codes)
  const found = frames.flatMap((one, index) => {
    const { frame, code } = one
    // The names of a module or a class body lie in a dict.
    if (!readCodeVariables(runtime, code).optimized) return []
    return readLocals(runtime, frame.address, code).flatMap(({ name, address }) => {
      if (!isWanted(address)) return []
      const path = `@${main ? 'main' : state.nativeId}:${index}`
      const text = `<frame of ${code.qualifiedName}, ${whereIs(one)}>`
      return [{ value: address, frame: path, text, name, index }]
    })
  })
  const now = found.length === 0 ? [] : readFrames(runtime, state, codes)
  for (const { index } of found) {
    if (isSameFrame(now[index], frames[index] as FoundFrame, { mayGoOn: index === 0 })) continue
    throw new RemoraError('MEMORY_UNREADABLE', 'a call ended while it was read', { thread: state.nativeId })
  }
  return found
}
