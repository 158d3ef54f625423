// Why the kernel did not let us open another process's memory. Only facts are gathered here (yama's scope, owner,
// whether this looks like a container); which way out they imply stands in the table of errors.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../errors/remora-error.js'
import { type ProcessStatus, userName } from './status.js'

/** The yama ptrace scope, 0 to 3; undefined where the kernel has no yama. */
export function readYamaScope(): number | undefined {
  try {
    return Number(fs.readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'))
  } catch {
    return undefined
  }
}

/** Whether this process holds CAP_SYS_PTRACE in its own user namespace. */
export function hasPtraceCapability(): boolean {
  const CAP_SYS_PTRACE = 19n
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return ((effective >> CAP_SYS_PTRACE) & 1n) === 1n
}

/** The error for a failed open of /proc/PID/mem. */
export function toMemoryAccessError(cause: unknown, status: ProcessStatus): RemoraError {
  const { pid, uid } = status
  const code = systemErrorCode(cause)
  if (code === 'ENOENT' || code === 'ESRCH') {
    return new RemoraError('PROCESS_NOT_FOUND', `there is no process ${pid}`, { pid, cause })
  }
  const own = uid === process.geteuid?.()
  const root = process.geteuid?.() === 0
  return new RemoraError(
    'PERMISSION_DENIED',
    own || root
      ? `the kernel does not let this process read the memory of process ${pid}`
      : `process ${pid} belongs to ${userName(uid)}; its memory can be read by that user and by root`,
    {
      pid,
      ...(own || root ? {} : { ownerUser: userName(uid) }),
      ...(readYamaScope() ? { yamaScope: readYamaScope() } : {}),
      ...(root && !hasPtraceCapability() ? { container: true } : {}),
      cause,
    },
  )
}
