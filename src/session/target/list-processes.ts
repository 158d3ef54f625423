// `remora ps`: every process with a CPython in it, and whether code can be run there. Reads only. What the runtime
// itself cannot tell (it is too old, or may not be read) is told from file names, and then never attachable. Processes
// that end while they are looked at are left out.

import type { RuntimeLocations } from '../../cpython/runtime/find-runtime.js'
import { findRunObstacles } from '../../cpython/runtime/run-obstacles.js'
import { isTooOld, nameOf, supportedVersions } from '../../cpython/versions/find-version.js'
import { findVersionByName } from '../../cpython/versions/version-by-name.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import { readProcessIds } from '../../process/list.js'
import { readListeningPorts, type SocketTables } from '../../process/sockets.js'
import { readArguments, readExecutable, readStartTime, readStatus, userName } from '../../process/status.js'
import type { ProcessInfo, PsDocument } from '../documents/index.js'
import { findPythonFiles } from './find-python-files.js'
import { openProcess } from './open-process.js'

/** What many processes have in common, so that it is looked up once. */
interface Caches {
  readonly locations: RuntimeLocations
  readonly sockets: SocketTables
}

/** What was found in one process. */
interface Finding {
  readonly python?: string | undefined
  readonly reason?: string | undefined
}

/** A process that was found, and what was seen of it: all that names it was read after it had been pinned. */
export interface FoundProcess {
  readonly named: NamedProcess
  readonly info: ProcessInfo
}

/**
 * Lists the Python processes of this machine, as far as this user may see them, by PID.
 * @throws RemoraError `PLATFORM_UNSUPPORTED`
 */
export function listProcesses(): PsDocument {
  const takenAt = new Date().toISOString()
  return { schema: 'remora.ps/1', takenAt, processes: findProcesses().map(({ info }) => info) }
}

/** As `listProcesses`, for who is going to open one of them. */
export function findProcesses(): FoundProcess[] {
  const caches: Caches = { locations: new Map(), sockets: new Map() }
  return readProcessIds().flatMap((pid) => unlessGone(() => lookAt(pid, caches)) ?? [])
}

/** Whether a process listens on `:PORT`, or has the word in its command line. */
export function matchesWord({ command, listening }: ProcessInfo, word: string): boolean {
  return /^:\d+$/.test(word) ? listening.includes(Number(word.slice(1))) : command.includes(word)
}

function lookAt(pid: number, { locations, sockets }: Caches): FoundProcess | undefined {
  const finding = examine(pid, locations)
  return finding && { named: pinProcess(pid), info: describeProcess(pid, finding, sockets) }
}

function describeProcess(pid: number, { python, reason }: Finding, sockets: SocketTables): ProcessInfo {
  return {
    pid,
    ...(python === undefined ? {} : { python }),
    implementation: 'CPython',
    executable: readExecutable(pid) ?? '?',
    command: readArguments(pid).join(' '),
    user: userName(readStatus(pid).uid),
    startedAt: readStartTime(pid).toISOString(),
    listening: readListeningPorts(pid, sockets),
    attachable: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Undefined for what is no Python process. */
function examine(pid: number, locations: RuntimeLocations): Finding | undefined {
  try {
    const opened = openProcess(pid, { access: 'read', locations })
    try {
      const [obstacle] = findRunObstacles(opened.runtime)
      return { python: opened.runtime.version.text, reason: obstacle?.message }
    } finally {
      opened.memory.close()
    }
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    return explain(pid, error)
  }
}

function explain(pid: number, { code, message, details }: RemoraError): Finding | undefined {
  switch (code) {
    case 'PYTHON_UNSUPPORTED':
      return explainVersion(details.version as string | undefined, findPythonFiles(pid))
    case 'NOT_PYTHON': {
      // Python 3.10 and older have no section to be found by, and a new process has no interpreter yet.
      const files = findPythonFiles(pid)
      return files.length === 0 ? undefined : explainVersion(undefined, files)
    }
    case 'PERMISSION_DENIED': {
      const files = findPythonFiles(pid)
      const owner = details.ownerUser as string | undefined
      const readers = owner === 'root' || details.yamaScope ? 'root' : `${owner} and root`
      const reason = owner === undefined ? 'the kernel does not let Remora read it' : `only ${readers} may read it`
      return files.length === 0 ? undefined : { python: findVersionByName(files), reason }
    }
    case 'RUNTIME_CORRUPT':
    case 'MEMORY_UNREADABLE': {
      const files = findPythonFiles(pid)
      return files.length === 0 ? undefined : { python: findVersionByName(files), reason: message }
    }
    case 'PLATFORM_UNSUPPORTED':
      throw new RemoraError(code, message, details)
    default:
      return undefined
  }
}

function explainVersion(known: string | undefined, files: readonly string[]): Finding {
  const python = known ?? findVersionByName(files)
  if (python === undefined) return { reason: `no Python ${supportedVersions.join(' or ')} runs in it` }
  if (isTooOld(python)) return { python, reason: `Python ${nameOf(python)} is older than ${supportedVersions[0]}` }
  // The version in a file's name does not promise an interpreter.
  return {
    python,
    reason: known === undefined ? `no Python ${python} runs in it yet` : `Python ${python} is not supported`,
  }
}

/** Undefined for a process that ended in between. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const gone =
      error instanceof RemoraError ? error.code === 'PROCESS_NOT_FOUND' : systemErrorCode(error) !== undefined
    if (gone) return undefined
    throw error
  }
}
