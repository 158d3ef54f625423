// How this process reaches the files of another one, which may see another root, other mounts, and has a working
// directory of its own. Paths come out; who opens them meets the errors.

import fs from 'node:fs'
import { readNamespace } from './namespaces.js'

/** The root directory of process `pid`. */
export function rootPath(pid: number | 'self'): string {
  return `/proc/${pid}/root`
}

/** A file as process `pid` names it; it looks for one without a leading `/` in its working directory. */
export function pathOfTargetFile(pid: number, file: string): string {
  return file.startsWith('/') ? `${rootPath(pid)}${file}` : `/proc/${pid}/cwd/${file}`
}

/** What to put before an absolute path of process `pid`: '' where both see the same root and the same mounts. */
export function readRootPrefix(pid: number): string {
  const [ours, theirs] = [fs.statSync(`${rootPath('self')}/.`), fs.statSync(`${rootPath(pid)}/.`)]
  const sameRoot = ours.dev === theirs.dev && ours.ino === theirs.ino
  return sameRoot && readNamespace('self', 'mnt') === readNamespace(pid, 'mnt') ? '' : rootPath(pid)
}
