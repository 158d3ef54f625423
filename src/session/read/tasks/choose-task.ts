// The choice of one asyncio task by what a person types: its name, or its id as a number or as an address.

import { RemoraError } from '../../../errors/remora-error.js'
import { findNear } from '../inspect/near-names.js'

/** Names that an error lists. */
const MAX_LISTED = 200

/**
 * The task that `which` names.
 * @param spell How a task is written where `which` was: what the error suggests can be typed.
 * @throws RemoraError `TASK_NOT_FOUND` with the tasks there are, also when several have that name.
 */
export function chooseTask<Task extends { readonly name: string; readonly id: number }>(
  tasks: readonly Task[],
  which: string,
  spell: (task: string) => string = (task) => task,
): Task {
  const named = tasks.filter(({ name }) => name === which)
  const matches = named.length > 0 ? named : tasks.filter(({ id }) => [String(id), toAddress(id)].includes(which))
  const [match] = matches
  if (match !== undefined && matches.length === 1) return match
  if (match !== undefined) {
    const addresses = matches.map(({ id }) => spell(toAddress(id))).slice(0, MAX_LISTED)
    throw new RemoraError('TASK_NOT_FOUND', `${matches.length} tasks are called ${which}`, {
      task: which,
      there: addresses,
      near: addresses.slice(0, 3),
    })
  }
  const names = [...new Set(tasks.map(({ name }) => name))]
  throw new RemoraError('TASK_NOT_FOUND', `no task is called ${which}`, {
    task: which,
    there: names.slice(0, MAX_LISTED).map(spell),
    near: findNear(which, names).map(spell),
  })
}

export function taskEnded(task: string): RemoraError {
  return new RemoraError('TASK_NOT_FOUND', `task ${task} has ended`, { task, there: [], near: [] })
}

/** As paths and scripts write ids. */
function toAddress(id: number): string {
  return `0x${id.toString(16)}`
}
