// What the kernel weighs when one process opens the memory of another, as facts: both sides' namespaces, capabilities,
// filters. Whether it then allows it, only the attempt tells; see `permission.ts` for the error of that.
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

const NAMESPACES = ['mnt', 'pid', 'user', 'net'] as const
export type NamespaceKind = (typeof NAMESPACES)[number]

export function readRestrictions(pid: number, uid: number): Restrictions {
  return {
    yamaScope: readYamaScope(),
    ptraceCapability: hasPtraceCapability(),
    userNamespace: inUserNamespace(),
    seccomp: /^Seccomp:\s*[12]$/m.test(fs.readFileSync('/proc/self/status', 'utf8')),
    dumpable: isDumpable(pid, uid),
  }
}

/** The namespaces that a process does not share with this one; one that may not be read is left out. */
export function readForeignNamespaces(pid: number): NamespaceKind[] {
  return NAMESPACES.filter((kind) => {
    const theirs = readNamespace(`/proc/${pid}/ns/${kind}`)
    return theirs !== undefined && theirs !== readNamespace(`/proc/self/ns/${kind}`)
  })
}

/** The files of a process that is not dumpable belong to root; of one that is root's own nothing shows that way. */
function isDumpable(pid: number, uid: number): boolean {
  try {
    return fs.statSync(`/proc/${pid}/mem`).uid === uid
  } catch {
    return true
  }
}

function readNamespace(path: string): string | undefined {
  try {
    return fs.readlinkSync(path)
  } catch {
    return undefined
  }
}
