// Why no code can be run in an open process although it can be read. Only what shows in its memory: permissions, other
// debuggers and so on are what `remora doctor` looks at.

import { readFinalizing, readMainInterpreter } from '../../cpython/runtime/interpreter.js'
import type { OpenProcess } from './open-process.js'

/** Undefined when nothing is in the way. */
export function findObstacle({ runtime }: OpenProcess): string | undefined {
  if (runtime.freeThreaded) return 'free-threaded: no code can be run in it yet'
  if (!readMainInterpreter(runtime).remoteDebugging)
    return 'remote debugging is disabled: it can be read, but runs no code'
  if (readFinalizing(runtime)) return 'its interpreter is shutting down'
  return undefined
}
