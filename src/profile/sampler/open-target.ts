// A process, open for sampling: its runtime, and the reader of scattered pieces. Opened in the sampler's own thread.

import { findRuntime, type Runtime, type RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { openMemory, openScatterReader } from '../../memory/open.js'
import type { ScatterReader } from '../../memory/scatter.js'
import { type ProcessIdentity, requireSame } from '../../process/identity.js'
import { readMaps } from '../../process/maps.js'
import { type ProcessStatus, readStatus } from '../../process/status.js'

export interface OpenTarget {
  readonly status: ProcessStatus
  readonly startTicks: number
  readonly runtime: Runtime
  readonly reader: ScatterReader
}

/**
 * @throws RemoraError `TARGET_EXITED` also when another process has its PID by now, as `findRuntime`, `PYTHON_UNSUPPORTED`
 * for a free-threaded build, and the plain system errors of opening its memory.
 */
export function openTarget(process: ProcessIdentity, locations: RuntimeLocations): OpenTarget {
  try {
    return open(process, locations)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error
    const { pid } = process
    throw new RemoraError('TARGET_EXITED', `process ${pid} has ended`, { pid, cause: error })
  }
}

/** @throws RemoraError `PYTHON_UNSUPPORTED` */
export function refuseFreeThreaded(pid: number, { freeThreaded }: Runtime): void {
  if (!freeThreaded) return
  throw new RemoraError('PYTHON_UNSUPPORTED', 'free-threaded builds cannot be profiled yet', { pid, freeThreaded })
}

function open(process: ProcessIdentity, locations: RuntimeLocations): OpenTarget {
  requireSame(process)
  const { pid, startTicks } = process
  const status = readStatus(pid)
  const memory = openMemory(pid, 'read')
  let reader: ScatterReader | undefined
  try {
    reader = openScatterReader(pid)
    const runtime = findRuntime({ pid, memory, mappings: readMaps(pid), locations })
    refuseFreeThreaded(pid, runtime)
    // Both descriptors are of the one process that this PID has been all the while.
    requireSame(process)
    if (reader.isAlive(runtime.address)) return { status, startTicks, runtime, reader }
    throw new RemoraError('TARGET_EXITED', `process ${pid} has ended`, { pid })
  } catch (error) {
    memory.close()
    reader?.close()
    throw error
  }
}
