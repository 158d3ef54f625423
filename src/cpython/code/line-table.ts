// Decodes `co_linetable`: from the index of an instruction to a line and a column range. Pure over bytes; a table may
// be as long as a function demands. Follows Objects/locations.md (InternalDocs/code_objects.md) at v3.14.0.

/** A place in a source file. Lines count from 1; columns are offsets in UTF-8 bytes from 0. */
export interface Position {
  readonly line: number | null
  readonly endLine: number | null
  readonly column: number | null
  readonly endColumn: number | null
}

const NOWHERE: Position = { line: null, endLine: null, column: null, endColumn: null }

/** The position of the 2-byte code unit `unit`; all null where the compiler recorded none or the table is broken. */
export function findPosition(table: Buffer, firstLine: number, unit: number): Position {
  const cursor = { table, at: 0 }
  let line = firstLine
  let start = 0
  while (cursor.at < table.length) {
    const head = table[cursor.at++] as number
    if ((head & 0x80) === 0) return NOWHERE
    const units = (head & 7) + 1
    const entry = readEntry(cursor, (head >> 3) & 15, line)
    if (entry.line !== null) line = entry.line
    if (unit < start + units) return entry
    start += units
  }
  return NOWHERE
}

interface Cursor {
  readonly table: Buffer
  at: number
}

/** One entry; `line` is that of the entry before. */
function readEntry(cursor: Cursor, code: number, line: number): Position {
  if (code === 15) return NOWHERE
  if (code === 14) {
    const start = line + readSigned(cursor)
    const endLine = start + readVarint(cursor)
    const column = readVarint(cursor) - 1
    const endColumn = readVarint(cursor) - 1
    return { line: start, endLine, column: column < 0 ? null : column, endColumn: endColumn < 0 ? null : endColumn }
  }
  if (code === 13) {
    const start = line + readSigned(cursor)
    return { line: start, endLine: start, column: null, endColumn: null }
  }
  if (code >= 10) {
    const start = line + (code - 10)
    return { line: start, endLine: start, column: readByte(cursor), endColumn: readByte(cursor) }
  }
  const second = readByte(cursor)
  const column = code * 8 + (second >> 4)
  return { line, endLine: line, column, endColumn: column + (second & 15) }
}

function readByte(cursor: Cursor): number {
  return cursor.table[cursor.at++] ?? 0
}

/** Six bits a byte, the lowest first; bit 6 says that more follow. */
function readVarint(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 36; shift += 6) {
    const byte = readByte(cursor)
    value += (byte & 63) * 2 ** shift
    if ((byte & 64) === 0) break
  }
  return value
}

function readSigned(cursor: Cursor): number {
  const value = readVarint(cursor)
  return value % 2 === 1 ? -Math.floor(value / 2) : value / 2
}
