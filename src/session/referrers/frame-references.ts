// The local variables of the calls of all threads that are one of some objects. Those of calls that rest (generators,
// coroutines, the frames of a traceback) belong to objects, which the garbage collector knows.

import { CodeCache } from '../../cpython/code.js'
import { readCodeVariables } from '../../cpython/code-variables.js'
import { readLocals } from '../../cpython/locals.js'
import { unlessTorn } from '../../cpython/retry-torn.js'
import type { Address } from '../../memory/remote-memory.js'
import { readFrames } from '../../unwind/find-frame.js'
import { whereIs } from '../inspect/frame-root.js'
import type { OpenProcess } from '../open-process.js'
import { listThreads, type TargetThread } from '../threads.js'

export interface FrameReference {
  readonly value: Address
  /** Path of the frame: `@main:2`. */
  readonly frame: string
  /** `<frame of work, app.py:12>` */
  readonly text: string
  readonly name: string
}

/** Undefined when the stack of a thread changed each time it was read. */
export function findInFrames(opened: OpenProcess, isWanted: (value: Address) => boolean): FrameReference[] | undefined {
  const found = listThreads(opened).map((thread) => {
    return unlessTorn(() => findInThread(opened, thread, isWanted), undefined)
  })
  return found.includes(undefined) ? undefined : (found as FrameReference[][]).flat()
}

function findInThread(
  { runtime }: OpenProcess,
  { state, main }: TargetThread,
  isWanted: (value: Address) => boolean,
): FrameReference[] {
  return readFrames(runtime, state, new CodeCache(runtime)).flatMap(({ frame, code }, index) => {
    // The names of a module or a class body lie in a dict.
    if (!readCodeVariables(runtime, code).optimized) return []
    return readLocals(runtime, frame.address, code).flatMap(({ name, address }) => {
      if (!isWanted(address)) return []
      const path = `@${main ? 'main' : state.nativeId}:${index}`
      const text = `<frame of ${code.qualifiedName}, ${whereIs({ frame, code })}>`
      return [{ value: address, frame: path, text, name }]
    })
  })
}
