// What `pathlib` makes of the parts of a path, for POSIX and for Windows. Pure over strings.
// Follows Lib/pathlib/__init__.py (_parse_path, _format_parsed_parts), Lib/posixpath.py and Lib/ntpath.py at v3.14.0.

const SEPARATOR = '\\'

interface Split {
  readonly drive: string
  readonly root: string
  readonly rest: string
}

/** The text of a path whose parts have been joined: without empty parts and single dots. */
export function toPathText(path: string, isNt: boolean): string {
  const { drive, root, rest } =
    path === '' ? { drive: '', root: '', rest: '' } : isNt ? splitForNt(path) : splitPosix(path)
  const separator = isNt ? SEPARATOR : '/'
  const tail = rest.split(separator).filter((part) => part !== '' && part !== '.')
  if (drive !== '' || root !== '') return drive + root + tail.join(separator)
  // Else the first part would be taken for a drive.
  const isTaken = isNt && tail[0] !== undefined && splitNt(tail[0]).drive !== ''
  return (isTaken ? ['.', ...tail] : tail).join(separator) || '.'
}

/** `posixpath.join`: an absolute part forgets what stands before it. */
export function joinPosix(parts: readonly string[]): string {
  return parts.slice(1).reduce((path, part) => {
    if (part.startsWith('/') || path === '') return part
    return path.endsWith('/') ? path + part : `${path}/${part}`
  }, parts[0] ?? '')
}

/** `ntpath.join`. */
export function joinNt(parts: readonly string[]): string {
  // A single part is taken as it is.
  if (parts.length < 2) return parts[0] ?? ''
  let { drive, root, rest } = splitNt(parts[0] as string)
  for (const part of parts.slice(1)) {
    const next = splitNt(part)
    if (next.root !== '') {
      if (next.drive !== '' || drive === '') drive = next.drive
      ;({ root, rest } = next)
      continue
    }
    if (next.drive !== '' && next.drive !== drive) {
      const isOther = next.drive.toLowerCase() !== drive.toLowerCase()
      drive = next.drive
      if (isOther) {
        ;({ root, rest } = next)
        continue
      }
    }
    rest = (rest === '' || /[\\/]$/.test(rest) ? rest : rest + SEPARATOR) + next.rest
  }
  const needsSeparator = rest !== '' && root === '' && drive !== '' && !/[:\\/]$/.test(drive)
  return drive + (needsSeparator ? SEPARATOR : root) + rest
}

/** Two slashes, and no more, are a root of their own. */
function splitPosix(path: string): Split {
  const root = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : ''
  return { drive: '', root, rest: path.slice(root.length) }
}

/** A share is a root, too. */
function splitForNt(path: string): Split {
  const { drive, root, rest } = splitNt(path.replaceAll('/', SEPARATOR))
  if (root !== '' || !drive.startsWith(SEPARATOR) || drive.endsWith(SEPARATOR)) return { drive, root, rest }
  const parts = drive.split(SEPARATOR)
  const isShare = (parts.length === 4 && !'?.'.includes(parts[2] as string)) || parts.length === 6
  return { drive, root: isShare ? SEPARATOR : '', rest }
}

/** `ntpath.splitroot`. */
function splitNt(path: string): Split {
  const normal = path.replaceAll('/', SEPARATOR)
  if (normal.startsWith('\\\\')) {
    const start = normal.slice(0, 8).toUpperCase() === '\\\\?\\UNC\\' ? 8 : 2
    const server = normal.indexOf(SEPARATOR, start)
    const share = server < 0 ? -1 : normal.indexOf(SEPARATOR, server + 1)
    if (share < 0) return { drive: path, root: '', rest: '' }
    return { drive: path.slice(0, share), root: path.slice(share, share + 1), rest: path.slice(share + 1) }
  }
  const drive = normal[1] === ':' && !normal.startsWith(SEPARATOR) ? path.slice(0, 2) : ''
  const root = normal[drive.length] === SEPARATOR ? path.slice(drive.length, drive.length + 1) : ''
  return { drive, root, rest: path.slice(drive.length + root.length) }
}
