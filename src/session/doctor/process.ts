// Whether a PID leads to a Python that can be read: the process, the permission, the interpreter. All three are tested
// at once, by opening it as every command does; which of them failed is told by the error.

import type { ErrorCode } from '../../errors/codes.js'
import type { RemoraError } from '../../errors/remora-error.js'
import { readForeignNamespaces } from '../../process/namespaces.js'
import { readRestrictions } from '../../process/restrictions.js'
import { readArguments, readStatus, userName } from '../../process/status.js'
import { rootPath } from '../../process/target-files.js'
import type { OpenProcess } from '../target/open-process.js'
import { escapeControls } from '../words/escape-controls.js'
import { type Check, fail, pass, type Verdict } from './check.js'

/** The outcome of opening one process. */
export interface Opening {
  readonly pid: number
  readonly opened?: OpenProcess
  readonly error?: RemoraError
}

export const processChecks: readonly Check<Opening>[] = [
  { id: 'process', decisive: true, run: checkProcess },
  { id: 'permission', decisive: true, run: checkPermission },
  { id: 'namespaces', run: checkNamespaces },
  { id: 'python', decisive: true, run: checkPython },
]

const PROCESS_CODES: readonly ErrorCode[] = [
  'PROCESS_NOT_FOUND',
  'PROCESS_IS_ZOMBIE',
  'PROCESS_IS_KERNEL_THREAD',
  'TARGET_IS_SELF',
  'TARGET_EXITED',
]

function checkProcess({ pid, error }: Opening): Verdict {
  if (error !== undefined && PROCESS_CODES.includes(error.code)) return fail(error)
  const { uid } = readStatus(pid)
  return pass(`process ${pid} of ${userName(uid)}: ${escapeControls(readArguments(pid).join(' '))}`)
}

function checkPermission({ pid, error }: Opening): Verdict {
  if (error?.code !== 'PERMISSION_DENIED') return pass('its memory can be read')
  const { uid } = readStatus(pid)
  const { yamaScope, ptraceCapability, userNamespace, seccomp, dumpable } = readRestrictions(pid, uid)
  const facts = [
    ...(yamaScope ? [`yama ptrace_scope is ${yamaScope}`] : []),
    ...(ptraceCapability ? [] : ['Remora has no CAP_SYS_PTRACE']),
    ...(userNamespace ? ['Remora runs in a user namespace of its own'] : []),
    ...(seccomp ? ['Remora runs under a seccomp filter'] : []),
    ...(dumpable ? [] : ['the target is not dumpable, as setuid programs are']),
  ]
  if (facts.length > 0) return fail(error, { detail: `${error.message} (${facts.join('; ')})` })
  if (error.details.ownerUser !== undefined) return fail(error)
  // Neither users nor yama nor a lacking capability: something that no option of ours changes.
  return fail(error, { remedy: 'A security module, such as SELinux or AppArmor, forbids it; see: dmesg | tail' })
}

function checkNamespaces({ pid }: Opening): Verdict {
  const foreign = readForeignNamespaces(pid)
  if (foreign.length === 0) return pass('it shares all namespaces with Remora')
  const { innerPid } = readStatus(pid)
  const names = foreign.join(', ')
  const more = [
    ...(foreign.includes('pid') ? [`its PID there is ${innerPid}`] : []),
    ...(foreign.includes('mnt') ? [`its files are reached through ${rootPath(pid)}`] : []),
  ]
  return pass([`it has its own ${names} ${foreign.length === 1 ? 'namespace' : 'namespaces'}`, ...more].join('; '))
}

function checkPython({ opened, error }: Opening): Verdict {
  if (error !== undefined) return fail(error)
  const { runtime } = opened as OpenProcess
  return pass(`CPython ${runtime.version.text}, in ${escapeControls(runtime.file)}`)
}
