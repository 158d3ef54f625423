import { expect, test } from 'vitest'
import { readAncestors, readProcessIds } from './list.js'

test('lists this process and its parent, ascending', () => {
  const pids = readProcessIds()
  expect(pids).toEqual(expect.arrayContaining([process.pid, process.ppid]))
  expect(pids).toEqual([...pids].sort((a, b) => a - b))
})

test('follows the parents, each once', () => {
  const ancestors = readAncestors(process.pid)
  expect(ancestors[0]).toBe(process.ppid)
  expect(ancestors).not.toContain(process.pid)
  expect(new Set(ancestors).size).toBe(ancestors.length)
})

test('a process that is not there has no ancestors', () => {
  expect(readAncestors(2 ** 22 + 1)).toEqual([])
})
