// The text of a `pathlib` path with forward slashes, as its `repr()` has it: kept by the path once it was asked for, else
// made of the parts that it was given. Follows Lib/pathlib/__init__.py, Lib/posixpath.py and Lib/ntpath.py at v3.14.0.

import { readList } from '../objects/containers/sequence.js'
import { readStr } from '../objects/scalars/str.js'
import { LIST_SUBCLASS, STR_SUBCLASS } from '../objects/type.js'
import type { Instance } from './instance.js'
import { readPlainAttributes } from './names/plain-attributes.js'
import { overrides } from './repr-source.js'
import { joinNt, joinPosix, toPathText } from './text/path-text.js'
import type { ValueReader } from './value-reader.js'

const MAX_PARTS = 4096
const MAX_CHARS = 65_536
/** What a subclass may answer by code of its own. */
const ASKED = ['__str__', 'as_posix', 'parser', 'drive', 'root', '_tail', '_raw_path', '_parse_path']

/** Undefined where only code of a subclass could tell. */
export function readPath(reader: ValueReader, object: Instance): string | undefined {
  const { classes } = reader
  const isNt = classes.inherits(object.class, 'pathlib.PureWindowsPath')
  const flavour = isNt
    ? 'PureWindowsPath'
    : classes.inherits(object.class, 'pathlib.PurePosixPath')
      ? 'PurePosixPath'
      : 'PurePath'
  if (overrides(reader, object.class, `pathlib.${flavour}`, ASKED)) return undefined
  const fields = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
  const kept = fields.get('_str')
  const text = kept === undefined ? readParts(reader, fields.get('_raw_paths'), isNt) : readText(reader, kept)
  return isNt ? text?.replaceAll('\\', '/') : text
}

function readParts(reader: ValueReader, list: unknown, isNt: boolean): string | undefined {
  if (typeof list !== 'number' || (reader.classes.of(list).flags & LIST_SUBCLASS) === 0) return undefined
  const { items, length } = readList(reader.runtime, list, { limit: MAX_PARTS })
  if (items.length < length) return undefined
  const parts = items.flatMap((item) => readText(reader, item) ?? [])
  if (parts.length < items.length) return undefined
  return toPathText(isNt ? joinNt(parts) : joinPosix(parts), isNt)
}

function readText({ runtime, classes }: ValueReader, value: unknown): string | undefined {
  if (typeof value !== 'number' || (classes.of(value).flags & STR_SUBCLASS) === 0) return undefined
  return readStr(runtime, value, MAX_CHARS)
}
