// A table of text: columns as wide as their widest cell, the last one as long as it is, or cut at the terminal's edge.

import { cut, padEnd, widthOf } from './columns.js'

const GAP = '  '

/** The lines of the table, the headings first. */
export function toTableLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] {
  const lines = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => widthOf(cells[column] ?? ''))))
  return lines.map((cells) => {
    const line = cells.map((cell, column) => padEnd(cell, widths[column] ?? 0))
    return cut(line.join(GAP).trimEnd(), columns ?? Number.POSITIVE_INFINITY)
  })
}
