// The Python processes that a process has started, and those that they have: the workers of a server, a pool.

import fs from 'node:fs'
import { RemoraError } from '../errors/remora-error.js'
import { openProcess } from './open-process.js'

/** PIDs of all descendants of `pid` that can be attached to, parents before their children. */
export function findPythonChildren(pid: number): number[] {
  return readChildren(pid).flatMap((child) => [...(isPython(child) ? [child] : []), ...findPythonChildren(child)])
}

function readChildren(pid: number): number[] {
  try {
    const lists = fs.readdirSync(`/proc/${pid}/task`).map((tid) => {
      return fs.readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8')
    })
    return lists.join(' ').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function isPython(pid: number): boolean {
  try {
    openProcess(pid, { access: 'read' }).memory.close()
    return true
  } catch (error) {
    if (error instanceof RemoraError) return false
    throw error
  }
}
