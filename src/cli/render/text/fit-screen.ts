// What is shown again and again in place has to fit: a text that is longer than the screen would scroll it each time.

import { heightOf } from './columns.js'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** The first lines that fit, wrapped ones counted as they will be, and how many more there are. */
export function fitScreen(text: string, { columns, rows }: ScreenSize): string {
  const lines = text.trimEnd().split('\n')
  const heights = lines.map((line) => heightOf(line, columns))
  // The cursor stands in the line below the last one.
  const room = Math.max(rows - 1, 1)
  if (heights.reduce((sum, height) => sum + height, 0) <= room) return `${lines.join('\n')}\n`
  let used = 1
  const fits = heights.findIndex((height) => {
    used += height
    return used > room
  })
  const left = lines.length - fits
  return `${[...lines.slice(0, fits), `… ${left} more ${left === 1 ? 'line' : 'lines'}`].join('\n')}\n`
}
