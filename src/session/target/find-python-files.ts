// The files of a process that are Python by their names, for a process that cannot be read, or holds a Python without
// the marks of a newer one. The name decides nothing else anywhere.

import { isNamedPython } from '../../cpython/versions/version-by-name.js'
import { readMaps } from '../../process/maps.js'
import { readArguments, readExecutable } from '../../process/status.js'

/** Executable and mapped files, if one of those that hold code is named Python; else none. */
export function findPythonFiles(pid: number): string[] {
  const mappings = tryReadMaps(pid)
  const mapped = mappings.map(({ path }) => path)
  const code = mappings.filter(({ permissions }) => permissions[2] === 'x').map(({ path }) => path)
  // Of a process of someone else only the arguments show; the first is a name that it may have chosen itself.
  const executable = readExecutable(pid) ?? readArguments(pid)[0] ?? ''
  return [executable, ...code].some(isNamedPython) ? [executable, ...new Set([...code, ...mapped])] : []
}

function tryReadMaps(pid: number): ReturnType<typeof readMaps> {
  try {
    return readMaps(pid)
  } catch {
    return []
  }
}
