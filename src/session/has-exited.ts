// Whether a process whose agent has fallen silent is gone, or has become another program.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../cpython/find-runtime.js'
import { RemoraError } from '../errors/remora-error.js'
import { nowMs } from '../process/clock.js'

/** How long a process may take from closing its files to being gone. */
const EXIT_MS = 500

export async function hasExited(runtime: Runtime): Promise<boolean> {
  for (const deadline = nowMs() + EXIT_MS; nowMs() < deadline; await sleep(5)) {
    try {
      runtime.memory.read(runtime.address, 8)
    } catch (error) {
      if (error instanceof RemoraError && error.code === 'TARGET_EXITED') return true
      throw error
    }
  }
  return false
}
