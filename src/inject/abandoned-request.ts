// What a Remora that was killed has left. A target that comes to its request finds nobody and cleans up; where there is
// no request, or the target never moves, the next Remora that comes takes it back and removes what lies around. The path comes
// from the target's memory, so nothing is removed but what we ourselves could have put there.

import fs from 'node:fs'
import path from 'node:path'
import type { ProcessStatus } from '../process/status.js'
import { isLeftBehind, openBelowRoot, PLACES } from './rendezvous-directory.js'

/** Whether `script`, the path of a pending request, was staged by a Remora of this machine that has ended. */
export function isAbandoned(script: string): boolean {
  return isLeftBehind(path.basename(path.dirname(script)))
}

const SOCKET = /^s$/
const SOCKET_OR_SCRIPT = /^(s|[0-9a-f]{16}\.py)$/

/** Removes the directory of an abandoned request that has been taken back. */
export function removeAbandoned(script: string, status: ProcessStatus): void {
  const directory = path.dirname(script)
  const place = path.dirname(directory)
  if (!PLACES.includes(place)) return
  try {
    const descriptor = openBelowRoot(status, place, () => {})
    removeDirectory(`/proc/self/fd/${descriptor}/${path.basename(directory)}`, status.uid, SOCKET_OR_SCRIPT)
    fs.closeSync(descriptor)
  } catch {
    // The place itself has gone.
  }
}

/**
 * Removes what clients have left in a place of rendezvous that were killed before they asked for anything, or after
 * their script had begun. Where a script still lies, a request for it may be pending, and the target is not to find it
 * gone.
 */
export function sweep(place: string, uid: number): void {
  for (const name of fs.readdirSync(place)) {
    if (isLeftBehind(name)) removeDirectory(`${place}/${name}`, uid, SOCKET)
  }
}

/** Removes a directory of `uid` that holds nothing but `expected`, without following a link in its place. */
function removeDirectory(directory: string, uid: number, expected: RegExp): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants
  let descriptor: number | undefined
  try {
    descriptor = fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    const reached = `/proc/self/fd/${descriptor}`
    const names = fs.readdirSync(reached)
    if (fs.fstatSync(descriptor).uid !== uid || !names.every((name) => expected.test(name))) return
    for (const name of names) fs.unlinkSync(`${reached}/${name}`)
    fs.rmdirSync(directory)
  } catch {
    // The target was faster, or it belongs to someone else: it is not ours to insist.
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }
}
