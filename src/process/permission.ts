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

/** Whether this process lives in a user namespace of its own, outside of which its capabilities count for nothing. */
export function inUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295$/m.test(fs.readFileSync('/proc/self/uid_map', 'utf8'))
}

/** The error for a failed open of /proc/PID/mem. */
export function toMemoryAccessError(cause: unknown, { pid, uid }: ProcessStatus): RemoraError {
  const code = systemErrorCode(cause)
  if (code === 'ENOENT' || code === 'ESRCH') {
    return new RemoraError('PROCESS_NOT_FOUND', `there is no process ${pid}`, { pid, cause })
  }
  const { owner, ...details } = explainDenial(uid, {
    uid: process.geteuid?.() ?? 0,
    yamaScope: readYamaScope(),
    ptraceCapability: hasPtraceCapability(),
    userNamespace: inUserNamespace(),
  })
  const message =
    owner === undefined
      ? `the kernel does not let this process read the memory of process ${pid}`
      : `process ${pid} belongs to ${userName(uid)}; its memory can be read by ${owner ? 'that user and by root' : 'root'}`
  return new RemoraError('PERMISSION_DENIED', message, {
    pid,
    ...(owner === undefined ? {} : { ownerUser: userName(uid) }),
    ...details,
    cause,
  })
}

/** What the kernel knows of Remora when it says no. */
interface Asker {
  readonly uid: number
  readonly yamaScope: number | undefined
  readonly ptraceCapability: boolean
  readonly userNamespace: boolean
}

interface Denial {
  /** For the process of another user: whether being that one would be enough. Undefined where users are not the cause. */
  readonly owner?: boolean
  readonly yamaScope?: number
  /** Root without the capability: mostly in a container. */
  readonly container?: true
  /** The capability is there, but not where the target is. */
  readonly userNamespace?: true
}

export function explainDenial(targetUid: number, { uid, yamaScope, ptraceCapability, userNamespace }: Asker): Denial {
  const yama = yamaScope ? { yamaScope } : {}
  if (yamaScope === 3) return yama
  if (ptraceCapability) return { ...yama, ...(userNamespace ? { userNamespace } : {}) }
  if (uid === 0) return { ...yama, container: true }
  return uid === targetUid ? yama : { ...yama, owner: !yamaScope }
}
