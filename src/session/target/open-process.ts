// From a PID to an open process: it exists, it is somebody else, its memory is open, and its runtime is found. Every
// way in which that fails has an error of its own. One descriptor, opened here, serves all that follows: it is of the
// very process that was named, whatever its PID means later.

import { findRuntime, type Runtime, type RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { openMemory } from '../../memory/open.js'
import type { Access, RemoteMemory } from '../../memory/remote-memory.js'
import { requirePlatform } from '../../native/machine.js'
import { identify, type NamedProcess, type ProcessIdentity, requireSame } from '../../process/identity.js'
import { type Mapping, readMaps } from '../../process/maps.js'
import { toMemoryAccessError } from '../../process/permission.js'
import { type ProcessStatus, readArguments, readExecutable, readStatus } from '../../process/status.js'
import type { TargetInfo } from '../documents/index.js'

/** What everything that reads a target takes. */
export interface OpenProcess {
  readonly identity: ProcessIdentity
  readonly status: ProcessStatus
  readonly memory: RemoteMemory
  readonly runtime: Runtime
  readonly info: TargetInfo
}

interface OpenOptions {
  readonly access: Access
  readonly locations?: RuntimeLocations
}

/**
 * @param which A bare PID means the process that has it now.
 * @throws RemoraError `PROCESS_NOT_FOUND`, `TARGET_EXITED` when the PID means another process than the one that was named,
 * `TARGET_IS_SELF`, `PROCESS_IS_ZOMBIE`, `PROCESS_IS_KERNEL_THREAD`, `PERMISSION_DENIED`, `NOT_PYTHON`,
 * `PYTHON_UNSUPPORTED`, `RUNTIME_CORRUPT`, `PLATFORM_UNSUPPORTED`.
 */
export function openProcess(which: number | NamedProcess, { access, locations }: OpenOptions): OpenProcess {
  requirePlatform()
  const identity = identify(typeof which === 'number' ? { pid: which } : which)
  const { pid } = identity
  const status = readStatus(pid)
  refuseUnfit(status)
  const memory = openMemoryOf(status, access)
  try {
    const mappings = readMappings(status)
    const runtime = findRuntime({ pid, memory, mappings, ...(locations === undefined ? {} : { locations }) })
    const info = toTargetInfo(pid, runtime.version.text)
    // What was read by PID was of the process whose memory is open.
    requireSame(identity)
    return { identity, status, memory, runtime, info }
  } catch (error) {
    memory.close()
    throw error
  }
}

function toTargetInfo(pid: number, python: string): TargetInfo {
  return { pid, python, executable: readExecutable(pid) ?? '?', command: readArguments(pid).join(' ') }
}

function refuseUnfit({ pid, state, kernelThread }: ProcessStatus): void {
  if (pid === process.pid) throw new RemoraError('TARGET_IS_SELF', `process ${pid} is Remora itself`, { pid })
  if (state === 'Z' || state === 'X') {
    throw new RemoraError('PROCESS_IS_ZOMBIE', `process ${pid} has ended (it is a zombie)`, { pid })
  }
  if (kernelThread) {
    throw new RemoraError('PROCESS_IS_KERNEL_THREAD', `process ${pid} is a thread of the kernel`, { pid })
  }
}

function openMemoryOf(status: ProcessStatus, access: Access): RemoteMemory {
  try {
    return openMemory(status.pid, access)
  } catch (cause) {
    throw toMemoryAccessError(cause, status)
  }
}

/** @throws RemoraError `PROCESS_NOT_FOUND`, `PERMISSION_DENIED`. */
export function readMappings(status: ProcessStatus): Mapping[] {
  try {
    return readMaps(status.pid)
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause
    throw toMemoryAccessError(cause, status)
  }
}
