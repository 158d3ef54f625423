// Requests of a Remora that was killed while they waited. The target would find nobody and clean up, but a target that
// never moves cannot: the next Remora that comes takes the request back and removes what lies around. The path comes
// from the target's memory, so nothing is removed but what we ourselves could have put there.

import fs from 'node:fs'
import path from 'node:path'
import type { ProcessStatus } from '../process/status.js'
import { isLeftBehind, openBelowRoot, PLACES } from './rendezvous-directory.js'

/** Whether `script`, the path of a pending request, was staged by a Remora of this machine that has ended. */
export function isAbandoned(script: string): boolean {
  return isLeftBehind(path.basename(path.dirname(script)))
}

const STAGED = /^(s|[0-9a-f]{16}\.py)$/

/** Removes the directory of an abandoned request. */
export function removeAbandoned(script: string, status: ProcessStatus): void {
  const directory = path.dirname(script)
  const place = path.dirname(directory)
  if (!PLACES.includes(place)) return
  try {
    const parent = openBelowRoot(status, place, () => {})
    const reached = `/proc/self/fd/${parent}/${path.basename(directory)}`
    removeStaged(reached, status)
    fs.rmdirSync(reached)
    fs.closeSync(parent)
  } catch {
    // The target was faster, or it belongs to someone else: it is not ours to insist.
  }
}

function removeStaged(directory: string, status: ProcessStatus): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants
  const descriptor = fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  const reached = `/proc/self/fd/${descriptor}`
  const isTheirs = fs.fstatSync(descriptor).uid === status.uid
  for (const name of isTheirs ? fs.readdirSync(reached) : []) {
    if (STAGED.test(name)) fs.unlinkSync(`${reached}/${name}`)
  }
  fs.closeSync(descriptor)
}
