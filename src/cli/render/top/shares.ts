// Shares as they look in all tables of the screen.

import type { Style } from '../../terminal/terminal.js'

/** `  7.0 %`: of one width, so that the eye can run down the column. */
export function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`.padStart(7)
}

/** How a row with this share is shown, if not as any other. */
export function heatStyle(share: number): Style | undefined {
  if (share >= 0.3) return 'red'
  if (share >= 0.1) return 'yellow'
  return share > 0 ? undefined : 'dim'
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const

/** A bar of at most `width` columns, filled up with blanks. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8)
  return `${'█'.repeat(eighths >> 3)}${EIGHTHS[eighths & 7]}`.padEnd(width)
}
