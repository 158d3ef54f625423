// Tasks of the recorded images, against what their program said of them.

import { describe, expect, test } from 'vitest'
import { openImages } from '../../../../test/images/open-image.js'
import { readTasks } from '../../../../test/images/read-everything.js'

describe.each(openImages())('$name', ({ runtime, expected }) => {
  test('recorded tasks are what the program says of them', () => {
    const { tasks, complete } = readTasks(runtime, expected.asyncio)
    expect(complete).toBe(true)
    const found = tasks.map(({ id, name, coroutines, awaitedBy, consistent }) => {
      const calls = coroutines.map(({ qualifiedName, line }) => [qualifiedName, line])
      return { id, name, calls, awaitedBy: awaitedBy.toSorted((a, b) => a - b), consistent }
    })
    const byId = (a: { id: number }, b: { id: number }): number => a.id - b.id
    expect(expected.tasks).toHaveLength(5)
    expect(found.sort(byId)).toEqual(expected.tasks.map((task) => ({ ...task, consistent: true })).sort(byId))
  })
})
