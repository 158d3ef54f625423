// A process, open for sampling: its runtime, and the reader of scattered pieces. Opened in the sampler's own thread.

import { findRuntime, type Runtime, type RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { openMemory, openScatterReader } from '../../memory/open.js'
import type { ScatterReader } from '../../memory/scatter.js'
import { readMaps } from '../../process/maps.js'
import { type ProcessStatus, readStartTicks, readStatus } from '../../process/status.js'

export interface OpenTarget {
  readonly status: ProcessStatus
  readonly startTicks: number
  readonly runtime: Runtime
  readonly reader: ScatterReader
}

/**
 * @throws RemoraError as `findRuntime`, `PYTHON_UNSUPPORTED` for a free-threaded build, and the plain system errors of
 * opening its memory.
 */
export function openTarget(pid: number, locations: RuntimeLocations): OpenTarget {
  try {
    return open(pid, locations)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error
    throw new RemoraError('TARGET_EXITED', `process ${pid} has ended`, { pid, cause: error })
  }
}

/** @throws RemoraError `PYTHON_UNSUPPORTED` */
export function refuseFreeThreaded(pid: number, { freeThreaded }: Runtime): void {
  if (!freeThreaded) return
  throw new RemoraError('PYTHON_UNSUPPORTED', 'free-threaded builds cannot be profiled yet', { pid, freeThreaded })
}

function open(pid: number, locations: RuntimeLocations): OpenTarget {
  const startTicks = readStartTicks(pid)
  const status = readStatus(pid)
  const memory = openMemory(pid, 'read')
  let reader: ScatterReader | undefined
  try {
    reader = openScatterReader(pid)
    const runtime = findRuntime({ pid, memory, mappings: readMaps(pid), locations })
    refuseFreeThreaded(pid, runtime)
    // Both descriptors are of the one process that this PID has been all the while.
    if (readStartTicks(pid) === startTicks && reader.isAlive(runtime.address)) {
      return { status, startTicks, runtime, reader }
    }
    throw new RemoraError('TARGET_EXITED', `process ${pid} has ended`, { pid })
  } catch (error) {
    memory.close()
    reader?.close()
    throw error
  }
}
