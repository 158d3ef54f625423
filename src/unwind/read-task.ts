// One asyncio task with the stack of its coroutine. While the task waits, the frames lie in the coroutines themselves;
// while it runs, they are the inner end of a thread's stack. Tasks change only in steps, and each step enters and leaves
// a context, which its thread counts: where that count is the same before and after, what was read in between is true.
// Two reads that agree would be no proof, as a loop of short steps puts other objects at the same addresses.

import type { AsyncioTarget } from '../cpython/asyncio/asyncio-target.js'
import { readCoroutineChain } from '../cpython/asyncio/coroutine-chain.js'
import { isUnchanged, readTask, type Task } from '../cpython/asyncio/task.js'
import type { CodeCache } from '../cpython/code/code.js'
import type { ThreadState } from '../cpython/runtime/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'
import { type FoundFrame, readStackTo } from './read-stack.js'

export interface TaskReading {
  readonly task: Task
  /** Its coroutine's calls, innermost first. */
  readonly frames: readonly FoundFrame[]
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
 * @param thread The one that runs its loop, where that is known.
 * @throws RemoraError `MEMORY_UNREADABLE` when it could not be read even once.
 */
export function readTaskStack(reader: TaskReader, address: Address, thread?: ThreadState): TaskReading | undefined {
  const threads = thread === undefined ? reader.threads : [thread]
  let last: TaskReading | undefined
  let failure: RemoraError | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const task = readTask(reader.target, address)
      if (task === undefined) return undefined
      last = readFrames(reader, task, threads) ?? last
      if (last?.consistent === true) return last
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
      failure = error
    }
  }
  if (last === undefined && failure !== undefined) throw failure
  return last
}

/** For each of the threads, how often it has begun or ended a step. */
function countSteps({ target }: TaskReader, threads: readonly ThreadState[]): Buffer {
  const { memory, offsets } = target.runtime
  return Buffer.concat(threads.map(({ address }) => memory.read(address + offsets.thread_state.context_ver, 8)))
}

/** Undefined when the task is not any more what it was when it was read. */
function readFrames(reader: TaskReader, task: Task, threads: readonly ThreadState[]): TaskReading | undefined {
  const { target, codes } = reader
  const before = countSteps(reader, threads)
  if (!isUnchanged(target, task)) return undefined
  const { frames, executing } = readCoroutineChain(target, task.coroutine)
  const inner = executing === 0 ? [] : findInnerFrames(reader, executing)
  const consistent = inner !== undefined && before.equals(countSteps(reader, threads))
  // Code objects are read last: the less time between the two counts, the more often they agree.
  const outer = frames.map((frame) => ({ frame, code: codes.read(frame.code, frame.bytecodeCopy) }))
  return { task, frames: [...(inner ?? []), ...outer], executing: executing !== 0, consistent }
}

/** The calls on some thread's stack from the innermost one out to the coroutine's frame at `executing`. */
function findInnerFrames(
  { target, codes, threads }: TaskReader,
  executing: Address,
): readonly FoundFrame[] | undefined {
  for (const thread of threads) {
    const frames = readStackTo(target.runtime, thread, codes, executing)
    if (frames !== undefined) return frames
  }
  return undefined
}
