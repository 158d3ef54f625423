// Whether a process whose agent has fallen silent is gone, or has become another program.

import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import { RemoraError } from '../../errors/remora-error.js'
import { nowMs, sleep } from '../../process/clock.js'
import type { OpenProcess } from './open-process.js'

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

/**
 * For an agent whose connection has ended without its last word: the process has to be gone, or another program.
 * @throws RemoraError `AGENT_LOST` when it goes on.
 */
export async function expectExit({ runtime, status: { pid } }: OpenProcess): Promise<void> {
  if (await hasExited(runtime)) return
  throw new RemoraError('AGENT_LOST', `the script in process ${pid} closed its connection; it may still be running`, {
    pid,
  })
}
