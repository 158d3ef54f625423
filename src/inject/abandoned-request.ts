// Requests of a Remora that was killed while they waited. The target would find nobody and clean up, but a target that
// never moves cannot: the next Remora that comes takes the request back and removes what lies around.

import fs from 'node:fs'
import path from 'node:path'
import { DIRECTORY_PREFIX } from './rendezvous-directory.js'

/** Whether `script`, the path of a pending request, was staged by a Remora of this machine that has ended. */
export function isAbandoned(script: string): boolean {
  const directory = path.basename(path.dirname(script))
  const client = new RegExp(`^${DIRECTORY_PREFIX}(\\d+)-[0-9a-f]{12}$`).exec(directory)?.[1]
  return client !== undefined && !fs.existsSync(`/proc/${client}`)
}

/** Removes the directory of an abandoned request. @param root How paths below the target's root begin here. */
export function removeAbandoned(script: string, root: string): void {
  const directory = root + path.dirname(script)
  try {
    for (const name of fs.readdirSync(directory)) fs.unlinkSync(path.join(directory, name))
    fs.rmdirSync(directory)
  } catch {
    // The target was faster, or it belongs to someone else: it is not ours to insist.
  }
}
