// The Python processes that a process has started, and those that they have: the workers of a server, a pool.

import { RemoraError } from '../../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import { readChildren } from '../../process/list.js'
import { openProcess } from './open-process.js'

/** All descendants of `pid` that can be attached to, parents before their children. */
export function findPythonChildren(pid: number): NamedProcess[] {
  return findDescendants(pid).filter(isPython)
}

/** All descendants of `pid`, parents before their children. */
export function findDescendants(pid: number): NamedProcess[] {
  return readChildren(pid).flatMap((child) => [pinProcess(child), ...findDescendants(child)])
}

/** Whether a process can be attached to now; one that has just started may become a Python yet. */
export function isPython(child: NamedProcess): boolean {
  try {
    openProcess(child, { access: 'read' }).memory.close()
    return true
  } catch (error) {
    if (error instanceof RemoraError) return false
    throw error
  }
}
