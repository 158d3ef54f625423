// The tasks of one interpreter as a document shows them. Addresses of the target become ids, and what only several
// tasks together tell (who awaits whom, which thread runs a loop) is put together here.

import type { AsyncioOffsets } from '../../cpython/asyncio/asyncio-offsets.js'
import { type AsyncioTarget, TypeCache } from '../../cpython/asyncio/asyncio-target.js'
import { readAwaitingTasks } from '../../cpython/asyncio/awaiting-tasks.js'
import { readFuture } from '../../cpython/asyncio/future.js'
import { readLoopThread } from '../../cpython/asyncio/loop.js'
import { readTaskList, type TaskList } from '../../cpython/asyncio/task-list.js'
import { CodeCache } from '../../cpython/code.js'
import type { Runtime } from '../../cpython/find-runtime.js'
import type { InterpreterState } from '../../cpython/interpreter.js'
import { unlessTorn } from '../../cpython/retry-torn.js'
import type { Address } from '../../memory/remote-memory.js'
import { readTaskStack, type TaskReader, type TaskReading } from '../../unwind/read-task.js'
import type { TaskInfo } from '../documents.js'

export interface InterpreterTasks {
  readonly tasks: TaskInfo[]
  readonly complete: boolean
}

export function readInterpreterTasks(
  runtime: Runtime,
  asyncio: AsyncioOffsets,
  interpreter: InterpreterState,
): InterpreterTasks {
  const target = { runtime, asyncio, types: new TypeCache(runtime) }
  const list = readTaskList(target, interpreter)
  const reader = { target, codes: new CodeCache(runtime), threads: list.threads }
  const { readings, awaitedBy, unread } = readAll(reader, list)
  // What could not be read, or only in pieces, may just have ended: then no list has it any more.
  const doubtful = [
    ...unread,
    ...[...readings.values()].filter((one) => !one.consistent).map((one) => one.task.address),
  ]
  const now = doubtful.length === 0 ? list.tasks : readTaskList(target, interpreter).tasks
  const isLeft = ({ consistent, task }: TaskReading): boolean => consistent || now.has(task.address)
  const tasks = [...readings.values()].filter(isLeft).map((reading): TaskInfo => {
    const { address, name, cancelRequests } = reading.task
    const running = isRunning(list, reading)
    const waitsFor = running ? undefined : readWait(target, reading)
    const threadId = findThread(target, list, reading)
    return {
      id: address,
      name,
      ...(threadId === undefined ? {} : { threadId }),
      state: running ? 'running' : waitsFor === undefined ? 'scheduled' : 'waiting',
      coroutines: [...reading.frames],
      awaitedBy: [...(awaitedBy.get(address) ?? [])],
      ...(waitsFor === undefined ? {} : { waitsFor }),
      ...(cancelRequests > 0 ? { cancelRequests } : {}),
      consistent: reading.consistent,
    }
  })
  return { tasks, complete: list.complete && !unread.some((address) => now.has(address)) }
}

interface Readings {
  readonly readings: ReadonlyMap<Address, TaskReading>
  readonly awaitedBy: ReadonlyMap<Address, ReadonlySet<Address>>
  /** Those that could not be read. */
  readonly unread: readonly Address[]
}

/** Reads the listed tasks, and those that await one of them although no list has them. */
function readAll(reader: TaskReader, list: TaskList): Readings {
  const readings = new Map<Address, TaskReading>()
  const awaitedBy = new Map<Address, Set<Address>>()
  const pending = [...list.tasks.keys()]
  const seen = new Set(pending)
  const unread: Address[] = []
  // `pending` grows while it is walked; each address is in it once.
  for (const address of pending) {
    const reading = unlessTorn(() => readTaskStack(reader, address), null, 1)
    if (reading === null) unread.push(address)
    if (reading == null || reading.task.state !== 'pending') continue
    readings.set(address, reading)
    const waiters = unlessTorn(() => readAwaitingTasks(reader.target, reading.task), [])
    awaitedBy.set(address, new Set(waiters))
    for (const waiter of waiters) {
      if (!seen.has(waiter)) pending.push(waiter)
      seen.add(waiter)
    }
  }
  // asyncio records no waiter where one of the two is written in C and the other in Python.
  for (const [address, { task }] of readings) awaitedBy.get(task.futureWaiter)?.add(address)
  for (const waiters of awaitedBy.values()) {
    for (const waiter of waiters) if (!readings.has(waiter)) waiters.delete(waiter)
  }
  return { readings, awaitedBy, unread }
}

function isRunning(list: TaskList, { task, frames, executing }: TaskReading): boolean {
  // Something that is no coroutine of CPython's cannot tell that it is executing.
  return executing || (frames.length === 0 && list.running.has(task.address))
}

/** A future that is done has already scheduled the task that waits for it: then there is no wait any more. */
function readWait(target: AsyncioTarget, { task }: TaskReading): TaskInfo['waitsFor'] {
  const { futureWaiter } = task
  if (futureWaiter === 0) return undefined
  const future = unlessTorn(() => readFuture(target, futureWaiter), undefined)
  if (future !== undefined && future.state !== 'pending') return undefined
  const type = future?.type.name ?? '?'
  return { type: type.slice(type.lastIndexOf('.') + 1), id: futureWaiter }
}

function findThread(target: AsyncioTarget, list: TaskList, { task }: TaskReading): number | undefined {
  const thread = list.tasks.get(task.address) ?? list.running.get(task.address)
  const ident = thread?.id ?? unlessTorn(() => readLoopThread(target, task.loop), undefined)
  return ident === undefined ? undefined : Number(ident)
}
