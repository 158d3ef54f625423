// The stack of a thread with the variables of each of its calls. Looking into values takes a thousand times as long as
// copying frames, so the frames are read again afterwards: variables are shown only if the thread has not moved.

import type { CodeCache } from '../../cpython/code/code.js'
import { readLocals } from '../../cpython/frames/locals.js'
import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import type { ThreadState } from '../../cpython/runtime/interpreter.js'
import { readVariable } from '../../cpython/values/read-variable.js'
import { ValueReader } from '../../cpython/values/value-reader.js'
import type { ValueLimits } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import { readFrames } from '../../unwind/find-frame.js'
import { readStack, toStackFrame } from '../../unwind/read-stack.js'
import type { FrameInfo } from '../documents/index.js'

const ATTEMPTS = 10

export interface StackWithLocals {
  readonly frames: FrameInfo[]
  /** False when the thread moved each time: then there are no variables, and the frames may be false, too. */
  readonly consistent: boolean
}

export function readStackWithLocals(
  runtime: Runtime,
  thread: ThreadState,
  codes: CodeCache,
  limits: Partial<ValueLimits>,
): StackWithLocals {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const frames = tryRead(runtime, thread, codes, limits)
    if (frames !== undefined) return { frames, consistent: true }
  }
  return { frames: [...readStack(runtime, thread, codes).frames], consistent: false }
}

function tryRead(
  runtime: Runtime,
  thread: ThreadState,
  codes: CodeCache,
  limits: Partial<ValueLimits>,
): FrameInfo[] | undefined {
  try {
    const found = readFrames(runtime, thread, codes)
    const reader = new ValueReader(runtime, limits)
    const frames = found.map(({ frame, code }): FrameInfo => {
      const locals = readLocals(runtime, frame.address, code)
      const variables = locals.map(({ name, address }) => readVariable(reader, { name, value: address }))
      return { ...toStackFrame({ frame, code }), locals: variables }
    })
    const after = readFrames(runtime, thread, codes)
    const same = after.length === found.length && after.every(({ frame }, at) => isSame(frame, found[at]?.frame))
    return same ? frames : undefined
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return undefined
    throw error
  }
}

type Moving = { readonly address: number; readonly code: number; readonly instruction: number }

function isSame(a: Moving, b: Moving | undefined): boolean {
  return a.address === b?.address && a.code === b.code && a.instruction === b.instruction
}
