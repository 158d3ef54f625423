// What futures and tasks have in common: their state, their loop, and who awaits them. There are two implementations
// of each, in C and in Python, which a program may mix and subclass; both are read here, and what is neither is
// `undefined`. Tasks have more to them, which `task.ts` reads.
// Follows Modules/_asynciomodule.c and Lib/asyncio/futures.py at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { readAttributes } from '../objects/attributes.js'
import { readSet } from '../objects/containers/set.js'
import { readStr } from '../objects/scalars/str.js'
import { STR_SUBCLASS } from '../objects/type.js'
import { pointerAt } from '../pointer.js'
import type { AsyncioTarget, KnownType } from './asyncio-target.js'

export type FutureState = 'pending' | 'cancelled' | 'finished'

export interface Future {
  readonly address: Address
  readonly type: KnownType
  /** Whether it is a task: it has a coroutine of its own. */
  readonly isTask: boolean
  readonly state: FutureState
  readonly loop: Address
  /** Tasks, or futures, that wait for this one. */
  readonly awaitedBy: readonly Address[]
}

/** Attributes of an object written in Python by name. */
export type Attributes = ReadonlyMap<string, Address>

/** More attributes are not looked at: a future has ten. */
const MAX_ATTRIBUTES = 1000
/** No future is awaited by more. */
const MAX_AWAITED_BY = 16_384
const STATES: readonly FutureState[] = ['pending', 'cancelled', 'finished']

/** The future, or task, at `address`. */
export function readFuture(target: AsyncioTarget, address: Address): Future | undefined {
  const type = target.types.readTypeOf(address)
  if (type.isFuture) return parseFuture(target, { address, type }, readBytes(target, address))
  const attributes = readNamedAttributes(target, address)
  return isPythonFuture(attributes) ? readPythonFuture(target, { address, type }, attributes) : undefined
}

/** The same from bytes of the C implementation's structure. */
export function parseFuture(
  { runtime, asyncio }: AsyncioTarget,
  { address, type }: Pick<Future, 'address' | 'type'>,
  bytes: Buffer,
): Future | undefined {
  const { task_awaited_by, task_awaited_by_is_set } = asyncio.task
  const state = STATES[bytes.readInt32LE(asyncio.future.fut_state)]
  if (state === undefined) return undefined
  const waiter = pointerAt(bytes, task_awaited_by)
  const many = bytes[task_awaited_by_is_set] === 1
  const awaitedBy = waiter === 0 ? [] : many ? readSet(runtime, waiter, MAX_AWAITED_BY) : [waiter]
  const loop = pointerAt(bytes, asyncio.future.fut_loop)
  return { address, type, isTask: type.isTask, state, loop, awaitedBy }
}

export function readPythonFuture(
  target: AsyncioTarget,
  { address, type }: Pick<Future, 'address' | 'type'>,
  attributes: Attributes,
): Future {
  // A state that was never set is the class's own: pending.
  const state = readText(target, attributes.get('_state'))?.toLowerCase()
  const waiters = attributes.get('_Future__asyncio_awaited_by')
  const isSet = waiters !== undefined && target.types.readTypeOf(waiters).name === 'set'
  return {
    address,
    type,
    isTask: attributes.has('_coro'),
    state: STATES.find((known) => known === state) ?? 'pending',
    loop: attributes.get('_loop') ?? 0,
    awaitedBy: isSet ? readSet(target.runtime, waiters, MAX_AWAITED_BY) : [],
  }
}

/** Its constructor sets these two, whichever class is derived from it. */
export function isPythonFuture(attributes: Attributes): boolean {
  return attributes.has('_loop') && attributes.has('_callbacks')
}

export function readNamedAttributes({ runtime, types }: AsyncioTarget, address: Address): Attributes {
  const named = new Map<string, Address>()
  for (const { key, value } of readAttributes(runtime, address, { limit: MAX_ATTRIBUTES })) {
    if (types.readTypeOf(key).flags & STR_SUBCLASS) named.set(readStr(runtime, key), value)
  }
  return named
}

/** The text of a `str` object; undefined for another, or none. */
export function readText({ runtime, types }: AsyncioTarget, address: Address | undefined): string | undefined {
  if (address === undefined || address === 0) return undefined
  return types.readTypeOf(address).flags & STR_SUBCLASS ? readStr(runtime, address) : undefined
}

function readBytes({ runtime, asyncio }: AsyncioTarget, address: Address): Buffer {
  return runtime.memory.read(address, asyncio.future.size)
}
