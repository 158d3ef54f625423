// One asyncio task with the stack of its coroutine. While the task waits, the frames lie in the coroutines themselves;
// while it runs, they are the inner end of a thread's stack. A task that changes while it is read is read again: what
// two reads agree on is taken for true, and what never agrees is marked.

import { isDeepStrictEqual } from 'node:util'
import type { AsyncioTarget } from '../cpython/asyncio/asyncio-target.js'
import { type CoroutineChain, readCoroutineChain } from '../cpython/asyncio/coroutine-chain.js'
import { readTask, type Task } from '../cpython/asyncio/task.js'
import type { CodeCache } from '../cpython/code.js'
import type { RawFrame } from '../cpython/frame.js'
import type { ThreadState } from '../cpython/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'
import { readStackTo, type StackFrame, toStackFrame } from './read-stack.js'

export interface TaskReading {
  readonly task: Task
  /** Its coroutine's calls, innermost first. */
  readonly frames: readonly StackFrame[]
  /** Whether its coroutine is executing, on a thread. */
  readonly executing: boolean
  /** False when the task changed each time it was read. */
  readonly consistent: boolean
}

export interface TaskReader {
  readonly target: AsyncioTarget
  readonly codes: CodeCache
  /** Where tasks may be running. */
  readonly threads: readonly ThreadState[]
}

const ATTEMPTS = 50

/**
 * The task at `address`; undefined when there is none, or none any more.
 * @throws RemoraError `MEMORY_UNREADABLE` when it could not be read even once.
 */
export function readTaskStack(reader: TaskReader, address: Address): TaskReading | undefined {
  let last: TaskReading | undefined
  let failure: RemoraError | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const first = readRaw(reader, address)
      if (first === undefined) return undefined
      const reading = addFrames(reader, first)
      last = { ...reading, consistent: false }
      if (reading.consistent && isDeepStrictEqual(first, readRaw(reader, address))) return reading
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
      failure = error
    }
  }
  if (last === undefined && failure !== undefined) throw failure
  return last
}

interface RawReading {
  readonly task: Task
  readonly chain: CoroutineChain
}

function readRaw({ target }: TaskReader, address: Address): RawReading | undefined {
  const task = readTask(target, address)
  return task && { task, chain: readCoroutineChain(target, task.coroutine) }
}

/** `consistent` says whether the frames were found where the chain says that they are. */
function addFrames({ target, codes, threads }: TaskReader, { task, chain }: RawReading): TaskReading {
  const frames = chain.frames.map((frame: RawFrame) => toStackFrame(frame, codes.read(frame.code)))
  const { executing } = chain
  if (executing === 0) return { task, frames, executing: false, consistent: true }
  for (const thread of threads) {
    const inner = readStackTo(target.runtime, thread, codes, executing)
    if (inner !== undefined) return { task, frames: [...inner, ...frames], executing: true, consistent: true }
  }
  return { task, frames, executing: true, consistent: false }
}
