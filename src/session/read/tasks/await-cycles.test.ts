import { expect, test } from 'vitest'
import { findAwaitCycles, findChildren } from './await-cycles.js'

/** Tasks by what each one awaits. */
function toTasks(awaits: Readonly<Record<number, readonly number[]>>) {
  const ids = Object.keys(awaits).map(Number)
  return ids.map((id) => ({ id, awaitedBy: ids.filter((other) => awaits[other]?.includes(id)) }))
}

test('tasks that await each other in no ring', () => {
  expect(findAwaitCycles([])).toEqual([])
  expect(findAwaitCycles(toTasks({ 1: [2, 3], 2: [4], 3: [4], 4: [] }))).toEqual([])
})

test('rings: of one, of two, of three, two that share a task, and one that is awaited from outside', () => {
  expect(findAwaitCycles(toTasks({ 1: [1] }))).toEqual([[1]])
  expect(findAwaitCycles(toTasks({ 1: [2], 2: [1] }))).toEqual([[1, 2]])
  expect(findAwaitCycles(toTasks({ 0: [2], 1: [2], 2: [3], 3: [1] }))).toEqual([[2, 3, 1]])
  expect(findAwaitCycles(toTasks({ 1: [2, 3], 2: [1], 3: [1] }))).toEqual([
    [1, 2],
    [1, 3],
  ])
})

test('a chain and a ring as long as a program likes', () => {
  const long = Array.from({ length: 20_000 }, (_, id) => ({ id, awaitedBy: id === 0 ? [] : [id - 1] }))
  expect(findAwaitCycles(long)).toEqual([])
  const ring = long.map((task) => (task.id === 0 ? { id: 0, awaitedBy: [19_999] } : task))
  expect(findAwaitCycles(ring)).toEqual([long.map(({ id }) => id)])
})

test('no more rings are told than a person reads', () => {
  const all = Array.from({ length: 30 }, (_, id) => id)
  expect(findAwaitCycles(all.map((id) => ({ id, awaitedBy: all })))).toHaveLength(100)
})

test('the tasks that each task awaits, also one that is not listed', () => {
  expect(
    findChildren([
      { id: 1, awaitedBy: [2, 9] },
      { id: 3, awaitedBy: [2] },
    ]),
  ).toEqual(
    new Map([
      [2, [1, 3]],
      [9, [1]],
    ]),
  )
})
