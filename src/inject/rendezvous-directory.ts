// A directory that both sides reach and that only the target's user can enter: the staged script and the socket lie
// in it. The target may live in another mount namespace or below another root, so every path has two forms: ours,
// through /proc/PID/root, and the target's own.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../errors/remora-error.js'
import type { ProcessStatus } from '../process/status.js'
import { randomHex } from './random.js'

/** Where a temporary directory is tried, in this order, below the target's root. */
const PLACES = ['/tmp', '/dev/shm', '/var/tmp', '/run']

/** The first part of the directory's name: how a later Remora knows one of its own. */
export const DIRECTORY_PREFIX = 'remora-'

/** A place in both forms. */
export interface SharedPath {
  /** As this process opens it. */
  readonly ours: string
  /** As the target opens it. */
  readonly theirs: string
}

/**
 * Makes the directory, mode 0700, owned by the target's user.
 * @param places Absolute paths as the target sees them, instead of the usual ones.
 * @throws RemoraError `RENDEZVOUS_UNAVAILABLE` with the reason for each place that was tried.
 */
export function makeRendezvousDirectory(status: ProcessStatus, places: readonly string[] = PLACES): SharedPath {
  const root = rootOf(status.pid)
  const name = `${DIRECTORY_PREFIX}${process.pid}-${randomHex(6)}`
  const reasons: Record<string, string> = {}
  for (const place of places) {
    const theirs = `${place.replace(/\/$/, '')}/${name}`
    const shared = { ours: root + theirs, theirs }
    try {
      requireSearchable(root, place, status)
      makeFor(shared.ours, status)
      return shared
    } catch (error) {
      reasons[place] = systemErrorCode(error) ?? (error as Error).message
    }
  }
  const tried = Object.entries(reasons).map(([place, reason]) => `${place} (${reason})`)
  throw new RemoraError(
    'RENDEZVOUS_UNAVAILABLE',
    `no directory is writable here and visible to process ${status.pid}: tried ${tried.join(', ')}`,
    { pid: status.pid, reasons },
  )
}

function makeFor(path: string, status: ProcessStatus): void {
  fs.mkdirSync(path, { mode: 0o700 })
  try {
    giveTo(path, status)
  } catch (error) {
    fs.rmdirSync(path)
    throw error
  }
}

/** Hands a file or directory that this process made to the target's user, if that is someone else. */
export function giveTo(path: string, { uid, gid }: ProcessStatus): void {
  if (uid !== process.geteuid?.()) fs.chownSync(path, uid, gid)
}

/** How paths below the target's root begin for this process: '' where both see the same root. */
export function rootOf(pid: number): string {
  const [ours, theirs] = [fs.statSync('/proc/self/root/.'), fs.statSync(`/proc/${pid}/root/.`)]
  const same = ours.dev === theirs.dev && ours.ino === theirs.ino
  // The same root directory can be seen with other things mounted below it.
  const sameMounts = linkOf('/proc/self/ns/mnt') === linkOf(`/proc/${pid}/ns/mnt`)
  return same && sameMounts ? '' : `/proc/${pid}/root`
}

function linkOf(path: string): string | undefined {
  try {
    return fs.readlinkSync(path)
  } catch {
    return undefined
  }
}

/** The target must be able to pass through `place`; a world-searchable directory, or one of its own, will do. */
function requireSearchable(root: string, place: string, { uid, gid }: ProcessStatus): void {
  if (uid === 0) return
  let path = root
  for (const part of place.split('/').filter((name) => name !== '')) {
    path += `/${part}`
    const { mode, uid: owner, gid: group } = fs.statSync(path)
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
    if ((mode & bit) === 0) throw new Error(`not searchable by uid ${uid}`)
  }
}
