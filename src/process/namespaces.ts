// The namespaces of a process, and which of them it shares with this one.

import fs from 'node:fs'

const NAMESPACES = ['mnt', 'pid', 'user', 'net'] as const
export type NamespaceKind = (typeof NAMESPACES)[number]

/** Names one namespace, as `pid:[4026531836]`; undefined when it may not be read. */
export function readNamespace(pid: number | 'self', kind: NamespaceKind): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/** The number of the PID namespace in which this process counts PIDs. */
export function readOwnPidNamespace(): string {
  return /\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
}

/** The namespaces that a process does not share with this one; one that may not be read is left out. */
export function readForeignNamespaces(pid: number): NamespaceKind[] {
  return NAMESPACES.filter((kind) => {
    const theirs = readNamespace(pid, kind)
    return theirs !== undefined && theirs !== readNamespace('self', kind)
  })
}
