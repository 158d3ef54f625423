// The tasks of one interpreter as a document shows them. Addresses of the target become ids, and what only several
// tasks together tell (who awaits whom, which thread runs a loop) is put together here.

import type { AsyncioOffsets } from '../../../cpython/asyncio/asyncio-offsets.js'
import { type AsyncioTarget, TypeCache } from '../../../cpython/asyncio/asyncio-target.js'
import { readAwaitingTasks } from '../../../cpython/asyncio/awaiting-tasks.js'
import { readFuture } from '../../../cpython/asyncio/future.js'
import { readLoopThread } from '../../../cpython/asyncio/loop.js'
import { readTaskList, type TaskList } from '../../../cpython/asyncio/task-list.js'
import { CodeCache } from '../../../cpython/code/code.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { InterpreterState } from '../../../cpython/runtime/interpreter.js'
import type { Address } from '../../../memory/remote-memory.js'
import { toStackFrame } from '../../../unwind/read-stack.js'
import { readTaskStack, type TaskReader, type TaskReading } from '../../../unwind/read-task.js'
import type { TaskInfo } from '../../documents/index.js'

/** How often tasks that were torn are looked for again. */
const ROUNDS = 3

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
  const { readings, complete } = readAll(reader, list, () => readTaskList(target, interpreter))
  const awaitedBy = findWaiters(readings)
  const tasks = [...readings.values()].map((reading): TaskInfo => {
    const { address, name, cancelRequests } = reading.task
    const running = isRunning(list, reading)
    const waitsFor = running ? undefined : readWait(target, reading)
    const threadId = findThread(target, list, reading)
    return {
      id: address,
      name,
      ...(threadId === undefined ? {} : { threadId }),
      state: running ? 'running' : waitsFor === undefined ? 'scheduled' : 'waiting',
      coroutines: reading.frames.map(toStackFrame),
      awaitedBy: [...(awaitedBy.get(address) ?? [])],
      ...(waitsFor === undefined ? {} : { waitsFor }),
      ...(cancelRequests > 0 ? { cancelRequests } : {}),
      consistent: reading.consistent,
    }
  })
  return { tasks, complete: list.complete && complete }
}

interface Reading extends TaskReading {
  readonly awaitedBy: readonly Address[]
}

type Readings = ReadonlyMap<Address, Reading>

/**
 * Reads the listed tasks, and those that await one of them although no list has them. What could not be read, or only
 * in pieces, may just have ended: then no list has it any more, and it is left out.
 */
function readAll(
  reader: TaskReader,
  list: TaskList,
  listAgain: () => TaskList,
): { readings: Readings; complete: boolean } {
  const readings = new Map<Address, Reading>()
  let torn = readEach(reader, list.tasks, readings)
  for (let round = 0; torn.length > 0 && round < ROUNDS; round++) {
    const { tasks } = listAgain()
    const left = new Map([...tasks].filter(([address]) => torn.includes(address)))
    for (const address of torn) readings.delete(address)
    torn = readEach(reader, left, readings)
  }
  return { readings, complete: torn.every((address) => readings.has(address)) }
}

/** Adds to `readings`, and returns what was torn to the end. */
function readEach(reader: TaskReader, listed: TaskList['tasks'], readings: Map<Address, Reading>): Address[] {
  const torn: Address[] = []
  // Grows while it is walked; a set is walked in order of insertion.
  const addresses = new Set(listed.keys())
  for (const address of addresses) {
    if (readings.has(address)) continue
    const reading = unlessTorn(() => readTaskStack(reader, address, listed.get(address)), null, 1)
    if (reading?.consistent === false || reading === null) torn.push(address)
    if (reading == null || reading.task.state !== 'pending') continue
    const awaitedBy = unlessTorn(() => readAwaitingTasks(reader.target, reading.task), [])
    readings.set(address, { ...reading, awaitedBy })
    for (const waiter of awaitedBy) addresses.add(waiter)
  }
  return torn
}

/** For each task, those that await it. */
function findWaiters(readings: Readings): ReadonlyMap<Address, ReadonlySet<Address>> {
  const waiters = new Map<Address, Set<Address>>()
  for (const [address, { awaitedBy }] of readings) {
    waiters.set(address, new Set(awaitedBy.filter((waiter) => readings.has(waiter))))
  }
  // asyncio records no waiter where one of the two is written in C and the other in Python.
  for (const [address, { task }] of readings) waiters.get(task.futureWaiter)?.add(address)
  return waiters
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
