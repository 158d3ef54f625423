// One task, of the C or of the Python implementation: its name, what it waits for, and its coroutine. What the
// coroutine is doing stands in `coroutine-chain.ts`. Follows Modules/_asynciomodule.c and Lib/asyncio/tasks.py at
// v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { readInt } from '../objects/scalars/int.js'
import { INT_SUBCLASS } from '../objects/type.js'
import { pointerAt } from '../pointer.js'
import type { AsyncioTarget, KnownType } from './asyncio-target.js'
import {
  type Attributes,
  type Future,
  isPythonFuture,
  parseFuture,
  readNamedAttributes,
  readPythonFuture,
  readText,
} from './future.js'

export interface Task extends Future {
  readonly name: string
  readonly coroutine: Address
  /** The future on whose end the task will go on; 0 while it runs or is scheduled. */
  readonly futureWaiter: Address
  /** How often it was asked to cancel itself, less what it has taken back (`Task.cancelling()`). */
  readonly cancelRequests: number
  /** The structure of a C task as it was read. */
  readonly copy?: Buffer
}

/** The task at `address`; undefined when what lies there is none, or none any more. */
export function readTask(target: AsyncioTarget, address: Address): Task | undefined {
  const type = target.types.readTypeOf(address)
  if (type.isTask) return readCTask(target, address, type)
  if (type.isFuture) return undefined
  const attributes = readNamedAttributes(target, address)
  return isPythonFuture(attributes) ? readPythonTask(target, { address, type }, attributes) : undefined
}

/** Whether the task is in every field what it was when it was read: one short read for a C task. */
export function isUnchanged(target: AsyncioTarget, task: Task): boolean {
  if (task.copy !== undefined) return target.runtime.memory.read(task.address, task.copy.length).equals(task.copy)
  const { coroutine, futureWaiter, state } = readTask(target, task.address) ?? {}
  return coroutine === task.coroutine && futureWaiter === task.futureWaiter && state === task.state
}

function readCTask(target: AsyncioTarget, address: Address, type: KnownType): Task | undefined {
  const { task, derived } = target.asyncio
  const bytes = target.runtime.memory.read(address, task.size)
  const future = bytes[task.task_is_task] === 1 ? parseFuture(target, { address, type }, bytes) : undefined
  if (future === undefined) return undefined
  return {
    ...future,
    name: readName(target, pointerAt(bytes, task.task_name)),
    coroutine: pointerAt(bytes, task.task_coro),
    futureWaiter: pointerAt(bytes, derived.task_fut_waiter),
    cancelRequests: bytes.readInt32LE(derived.task_num_cancels_requested),
    copy: bytes,
  }
}

function readPythonTask(
  target: AsyncioTarget,
  identity: Pick<Future, 'address' | 'type'>,
  attributes: Attributes,
): Task | undefined {
  const future = readPythonFuture(target, identity, attributes)
  if (!future.isTask) return undefined
  const waiter = attributes.get('_fut_waiter') ?? 0
  const cancels = attributes.get('_num_cancels_requested')
  return {
    ...future,
    name: readName(target, attributes.get('_name') ?? 0),
    coroutine: attributes.get('_coro') ?? 0,
    futureWaiter: waiter !== 0 && target.types.readTypeOf(waiter).name === 'NoneType' ? 0 : waiter,
    cancelRequests: cancels === undefined ? 0 : Number(readInt(target.runtime, cancels)),
  }
}

/** A number stands for a name that nobody has asked for yet: it is made into text at the first use. */
function readName(target: AsyncioTarget, address: Address): string {
  if (address === 0) return '?'
  const isNumber = (target.types.readTypeOf(address).flags & INT_SUBCLASS) !== 0
  return isNumber ? `Task-${readInt(target.runtime, address)}` : (readText(target, address) ?? '?')
}
