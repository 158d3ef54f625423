// What the kernel weighs when one process opens the memory of another, as facts: capabilities, filters, and whether the
// target hides its memory. Namespaces are in `namespaces.ts`. Whether it then allows it, only the attempt tells; see `permission.ts` for the error of that.
// Follows ptrace(2), "Ptrace access mode checking".

import fs from 'node:fs'
import { hasPtraceCapability, inUserNamespace, readYamaScope } from './permission.js'

export interface Restrictions {
  /** 0 to 3; undefined where the kernel has no yama. */
  readonly yamaScope: number | undefined
  /** Whether this process holds CAP_SYS_PTRACE. */
  readonly ptraceCapability: boolean
  /** Whether this process lives in a user namespace of its own. */
  readonly userNamespace: boolean
  /** Whether a seccomp filter stands between this process and the kernel. */
  readonly seccomp: boolean
  /** False for a target that hides its memory: a setuid program, or by `prctl(PR_SET_DUMPABLE)`. */
  readonly dumpable: boolean
}

export function readRestrictions(pid: number, uid: number): Restrictions {
  return {
    yamaScope: readYamaScope(),
    ptraceCapability: hasPtraceCapability(),
    userNamespace: inUserNamespace(),
    seccomp: /^Seccomp:\s*[12]$/m.test(fs.readFileSync('/proc/self/status', 'utf8')),
    dumpable: isDumpable(pid, uid),
  }
}

/** The files of a process that is not dumpable belong to root; of one that is root's own nothing shows that way. */
function isDumpable(pid: number, uid: number): boolean {
  try {
    return fs.statSync(`/proc/${pid}/mem`).uid === uid
  } catch {
    return true
  }
}
