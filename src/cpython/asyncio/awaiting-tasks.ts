// Who awaits a task. The waiters that asyncio records may be futures, such as the one that stands for a `gather`; whom
// they are awaited by is then the answer, as far as it takes.

import type { Address } from '../../memory/remote-memory.js'
import type { AsyncioTarget } from './asyncio-target.js'
import { type Future, readFuture } from './future.js'

/** Futures between a task and the tasks that await it; beyond, the rest is left out. */
export const MAX_FUTURES_BETWEEN = 16_384

/** The addresses of the tasks that await `future`, in no order; each once. */
export function readAwaitingTasks(target: AsyncioTarget, future: Future): Address[] {
  const tasks = new Set<Address>()
  const seen = new Set<Address>()
  const pending = [...future.awaitedBy]
  while (pending.length > 0 && seen.size < MAX_FUTURES_BETWEEN) {
    const address = pending.pop() as Address
    if (seen.has(address)) continue
    seen.add(address)
    const waiter = readFuture(target, address)
    if (waiter === undefined) continue
    if (waiter.isTask) tasks.add(address)
    else pending.push(...waiter.awaitedBy)
  }
  return [...tasks]
}
