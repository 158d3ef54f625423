// Tasks that await each other in a ring: a deadlock that no exception tells of. Pure over a document's tasks.

import type { TaskInfo } from '../../documents/index.js'

/** A few are enough to see what is wrong, and a broken target may claim very many. */
const MAX_CYCLES = 100

type Edges = Pick<TaskInfo, 'id' | 'awaitedBy'>

/** Each cycle is a list of ids of which each task awaits the next, and the last one the first. */
export function findAwaitCycles(tasks: readonly Edges[]): number[][] {
  const children = findChildren(tasks)
  const cycles: number[][] = []
  const finished = new Set<number>()
  for (const { id: start } of tasks) {
    // Depth first without recursion, as a chain of tasks may be as long as a program likes.
    const path: { id: number; rest: number[] }[] = []
    const onPath = new Map<number, number>()
    const enter = (id: number): void => {
      onPath.set(id, path.length)
      path.push({ id, rest: [...(children.get(id) ?? [])] })
    }
    if (!finished.has(start)) enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.shift()
      if (next === undefined) {
        finished.add(top.id)
        onPath.delete(top.id)
        path.pop()
        continue
      }
      const at = onPath.get(next)
      if (at !== undefined && cycles.length < MAX_CYCLES) cycles.push(path.slice(at).map(({ id }) => id))
      else if (at === undefined && !finished.has(next)) enter(next)
    }
  }
  return cycles
}

/** The tasks that each task awaits. */
export function findChildren(tasks: readonly Edges[]): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const { id, awaitedBy } of tasks) {
    for (const parent of awaitedBy) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [id])
      else known.push(id)
    }
  }
  return children
}
