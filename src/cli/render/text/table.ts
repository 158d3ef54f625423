// A table of text: columns as wide as their widest cell, the last one as long as it is, or cut at the terminal's edge.

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
    const padded = cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
    return cut(padded.join(GAP).trimEnd(), columns)
  })
}

function widthOf(text: string): number {
  return [...text].length
}

function cut(line: string, columns: number | undefined): string {
  const characters = [...line]
  if (columns === undefined || characters.length <= columns) return line
  return `${characters.slice(0, Math.max(columns - 1, 0)).join('')}…`
}
