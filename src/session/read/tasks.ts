// `remora tasks`: every asyncio task of a target, of all its threads, loops and interpreters, with its coroutine's calls
// and the tasks that await it. Reads memory only, so that it also works on a loop that is blocked.

import { findAsyncioOffsets } from '../../cpython/asyncio/find-asyncio-offsets.js'
import { retryTorn } from '../../cpython/retry-torn.js'
import { readInterpreters, readThreads } from '../../cpython/runtime/interpreter.js'
import { readThreadNames } from '../../cpython/runtime/sys-module.js'
import { readThreadComm, threadIdMapper } from '../../process/threads/threads.js'
import type { TaskInfo, TasksDocument, ThreadInfo } from '../documents/index.js'
import { type OpenProcess, readMappings } from '../target/open-process.js'
import { findAwaitCycles } from './tasks/await-cycles.js'
import { readInterpreterTasks } from './tasks/read-interpreter-tasks.js'

/** A program that has not imported asyncio has no tasks. */
export function readTasks(opened: OpenProcess): TasksDocument {
  const { status, runtime, info } = opened
  const takenAt = new Date().toISOString()
  const offsets = findAsyncioOffsets(status.pid, runtime, readMappings(status))
  const found =
    offsets === undefined
      ? []
      : retryTorn(() => readInterpreters(runtime)).map((one) => readInterpreterTasks(runtime, offsets, one))
  const tasks = found.flatMap((one) => one.tasks)
  const cycles = findAwaitCycles(tasks)
  return {
    schema: 'remora.tasks/1',
    target: info,
    takenAt,
    complete: found.every(({ complete }) => complete),
    tasks,
    threads: listTaskThreads(opened, tasks),
    ...(cycles.length === 0 ? {} : { cycles }),
  }
}

function listTaskThreads({ status, runtime }: OpenProcess, tasks: readonly TaskInfo[]): ThreadInfo[] {
  const used = new Set(tasks.map(({ threadId }) => threadId))
  if (used.size === 0) return []
  const toTid = threadIdMapper(status)
  return readInterpreters(runtime).flatMap((interpreter) => {
    const names = readThreadNames(runtime, interpreter)
    // The thread that was started first comes last in CPython's list.
    const threads = readThreads(runtime, interpreter).filter(({ id }) => used.has(Number(id)))
    return threads.toReversed().map(({ id, nativeId }): ThreadInfo => {
      const name = names.get(id) ?? readThreadComm(status.pid, toTid(nativeId)) ?? '?'
      return { id: Number(id), nativeId, name }
    })
  })
}
