// What holds a thread still from outside: a stop signal, a tracer, a frozen cgroup. Such a thread runs nothing, however
// ready it would be, and the system call it shows is only the one in which it was caught.

import fs from 'node:fs'
import { readSmallFile } from '../proc-file-cache.js'
import { readStatus } from '../status.js'
import { readThreadState } from './threads.js'

export type StopCause =
  | { readonly by: 'signal' }
  /** 0 when the tracer lies outside of our PID namespace. */
  | { readonly by: 'tracer'; readonly tracerPid: number }
  | { readonly by: 'freezer'; readonly cgroup: string }

/** Looks at the threads of one process; in which files its cgroups say that they are frozen is found once. */
export class StopCauseReader {
  readonly #pid: number
  readonly #read: typeof readSmallFile
  #freezers: readonly Freezer[] | undefined

  constructor(pid: number, read = readSmallFile) {
    this.#pid = pid
    this.#read = read
  }

  /** Undefined for a thread that nothing holds, as far as it can be seen, and for one that has gone. */
  read(tid: number): StopCause | undefined {
    const state = readThreadState(this.#pid, tid, this.#read)
    if (state === 'T') return { by: 'signal' }
    if (state === 't') return { by: 'tracer', tracerPid: readTracer(this.#pid) }
    // A frozen thread shows as sleeping, interruptibly or not, depending on the version of the cgroup.
    if (state !== 'S' && state !== 'D') return undefined
    this.#freezers ??= findFreezers(readSmallFile(`/proc/${this.#pid}/cgroup`) ?? '')
    const freezer = this.#freezers.find(({ file, frozen }) => frozen.test(this.#read(file) ?? ''))
    return freezer && { by: 'freezer', cgroup: freezer.cgroup }
  }
}

interface Freezer {
  readonly cgroup: string
  /** The file that says whether the cgroup is frozen, perhaps with one above it. */
  readonly file: string
  readonly frozen: RegExp
}

/** @param memberships The text of /proc/PID/cgroup: `hierarchy:controllers:path` a line. */
function findFreezers(memberships: string): Freezer[] {
  return [...memberships.matchAll(/^\d+:([^:]*):(.*)$/gm)].flatMap(([, controllers = '', cgroup = '']) => {
    const freezers: Freezer[] = []
    if (controllers.split(',').includes('freezer')) {
      freezers.push({ cgroup, file: `/sys/fs/cgroup/freezer${cgroup}/freezer.state`, frozen: /^FROZEN/ })
    }
    // Version 2 is mounted alone, or beside version 1.
    for (const root of controllers === '' ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] : []) {
      freezers.push({ cgroup, file: `${root}${cgroup}/cgroup.events`, frozen: /^frozen 1$/m })
    }
    return freezers.filter(({ file }) => fs.existsSync(file))
  })
}

function readTracer(pid: number): number {
  try {
    return readStatus(pid).tracerPid
  } catch {
    return 0
  }
}
