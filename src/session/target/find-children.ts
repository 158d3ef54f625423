// The Python processes that a process has started, and those that they have: the workers of a server, a pool.

import { RemoraError } from '../../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import { readChildren } from '../../process/list.js'
import { openProcess } from './open-process.js'

/** All descendants of `pid` that can be attached to, parents before their children. */
export function findPythonChildren(pid: number): NamedProcess[] {
  return readChildren(pid).flatMap((child) => {
    const named = pinProcess(child)
    return [...(isPython(named) ? [named] : []), ...findPythonChildren(child)]
  })
}

function isPython(child: NamedProcess): boolean {
  try {
    openProcess(child, { access: 'read' }).memory.close()
    return true
  } catch (error) {
    if (error instanceof RemoraError) return false
    throw error
  }
}
