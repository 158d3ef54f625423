// The one moment at which a script would be lost. CPython 3.14 and 3.15 open it by the builtins of the code that runs
// when the request is seen, and that by which collections.namedtuple makes a class has none: all that comes of the
// request is a KeyError on the target's stderr. Half of the time that namedtuple takes goes by in the compiler, which sees
// no requests, and that code is the first to run behind it.
// Follows run_remote_debugger_script in Python/ceval_gil.c and namedtuple in Lib/collections/__init__.py at v3.14.0.

import { parseFrame } from '../cpython/frames/frame.js'
import { readStr } from '../cpython/objects/scalars/str.js'
import { readPointer } from '../cpython/pointer.js'
import { RemoraError } from '../errors/remora-error.js'
import type { RequestSlot } from './request.js'

const NAME = 'namedtuple'

/** Whether the thread is making a named tuple; what cannot be read is taken for no. */
export function isUnsafeMoment({ runtime, thread }: RequestSlot): boolean {
  const { memory, offsets } = runtime
  try {
    const address = readPointer(memory, thread + offsets.thread_state.current_frame)
    const frame = parseFrame(runtime, address, memory.read(address, offsets.interpreter_frame.size), 0)
    if (frame === undefined || frame.code === 0) return false
    const name = readPointer(memory, frame.code + offsets.code_object.name)
    return readStr(runtime, name, NAME.length + 1) === NAME
  } catch (error) {
    if (error instanceof RemoraError) return false
    throw error
  }
}
