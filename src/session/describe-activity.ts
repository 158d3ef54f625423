// What one thread is doing right now: its innermost Python call and the system call in which it sits. Reads only, and
// never fails: what cannot be told is left out.

import { CodeCache } from '../cpython/code.js'
import { RemoraError } from '../errors/remora-error.js'
import { readActivity } from '../process/threads.js'
import { readStack, type StackFrame } from '../unwind/read-stack.js'
import type { ThreadActivityInfo } from './documents.js'
import type { OpenProcess } from './open-process.js'
import type { TargetThread } from './threads.js'

export function describeActivity({ status, runtime }: OpenProcess, thread: TargetThread): ThreadActivityInfo {
  const activity = readActivity(status.pid, thread.tid)
  const frame = findInnermost(() => readStack(runtime, thread.state, new CodeCache(runtime)).frames[0])
  return {
    state: activity === undefined ? 'unknown' : activity === 'running' ? 'running' : 'blocked',
    ...(frame === undefined ? {} : { function: frame.qualifiedName, file: frame.file }),
    ...(frame?.line == null ? {} : { line: frame.line }),
    ...(typeof activity === 'object' ? { syscall: activity.name } : {}),
  }
}

function findInnermost(read: () => StackFrame | undefined): StackFrame | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RemoraError) return undefined
    throw error
  }
}
