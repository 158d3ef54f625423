// An event loop, of asyncio or of another package that is built on its base class: all that is asked of one is which
// thread runs it.

import type { Address } from '../../memory/remote-memory.js'
import { readInt } from '../objects/scalars/int.js'
import { INT_SUBCLASS } from '../objects/type.js'
import type { AsyncioTarget } from './asyncio-target.js'
import { readNamedAttributes } from './future.js'

/** `threading.get_ident()` of the thread that runs the loop at `address`; undefined while none does. */
export function readLoopThread(target: AsyncioTarget, address: Address): bigint | undefined {
  if (address === 0) return undefined
  const ident = readNamedAttributes(target, address).get('_thread_id')
  const isNumber = ident !== undefined && (target.types.readTypeOf(ident).flags & INT_SUBCLASS) !== 0
  return isNumber ? readInt(target.runtime, ident) : undefined
}
