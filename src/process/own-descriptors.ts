// Paths through the descriptors of this process. Such a path leads to the very file or directory that was opened, whatever
// lies at its old path by now.

import fs from 'node:fs'

/** The file or directory behind a descriptor of this process, or `name` in that directory. */
export function pathOfDescriptor(descriptor: number, name?: string): string {
  const path = `/proc/self/fd/${descriptor}`
  return name === undefined ? path : `${path}/${name}`
}

/** Another descriptor of the same file, with flags and an offset of its own. */
export function reopen(descriptor: number, flags: number): number {
  return fs.openSync(pathOfDescriptor(descriptor), flags)
}
