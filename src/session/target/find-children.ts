// The Python processes that a process has started, and those that they have: the workers of a server, a pool.

import { RemoraError } from '../../errors/remora-error.js'
import { readChildren } from '../../process/list.js'
import { openProcess } from './open-process.js'

/** PIDs of all descendants of `pid` that can be attached to, parents before their children. */
export function findPythonChildren(pid: number): number[] {
  return readChildren(pid).flatMap((child) => [...(isPython(child) ? [child] : []), ...findPythonChildren(child)])
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
