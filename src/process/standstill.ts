// What holds a thread still from outside: a stop signal, a tracer, a frozen cgroup. Such a thread runs nothing, however
// ready it would be, and the system call it shows is only the one in which it was caught.

import fs from 'node:fs'
import { readStatus } from './status.js'
import { readThreadState } from './threads.js'

export type Standstill =
  | { readonly by: 'signal' }
  /** 0 when the tracer lies outside of our PID namespace. */
  | { readonly by: 'tracer'; readonly tracerPid: number }
  | { readonly by: 'freezer'; readonly cgroup: string }

/** Undefined for a thread that nothing holds, as far as it can be seen, and for one that has gone. */
export function readStandstill(pid: number, tid: number): Standstill | undefined {
  const state = readThreadState(pid, tid)
  if (state === 'T') return { by: 'signal' }
  if (state === 't') return { by: 'tracer', tracerPid: readTracer(pid) }
  // A frozen thread shows as sleeping, interruptibly or not, depending on the version of the cgroup.
  if (state !== 'S' && state !== 'D') return undefined
  const cgroup = findFrozenCgroup(readText(`/proc/${pid}/cgroup`) ?? '')
  return cgroup === undefined ? undefined : { by: 'freezer', cgroup }
}

function readTracer(pid: number): number {
  try {
    return readStatus(pid).tracerPid
  } catch {
    return 0
  }
}

/** @param memberships The text of /proc/PID/cgroup: `hierarchy:controllers:path` a line. */
function findFrozenCgroup(memberships: string): string | undefined {
  for (const [, controllers = '', path = ''] of memberships.matchAll(/^\d+:([^:]*):(.*)$/gm)) {
    if (controllers === '' && isFrozen(path)) return path
    const state = controllers.split(',').includes('freezer') ? `/sys/fs/cgroup/freezer${path}/freezer.state` : undefined
    if (state !== undefined && readText(state)?.startsWith('FROZEN')) return path
  }
  return undefined
}

/** Of version 2: mounted alone, or beside version 1. The cgroup above it may be the one that was frozen. */
function isFrozen(path: string): boolean {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].some((root) =>
    /^frozen 1$/m.test(readText(`${root}${path}/cgroup.events`) ?? ''),
  )
}

function readText(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
