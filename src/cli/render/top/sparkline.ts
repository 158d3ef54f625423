// A row of small columns: how a number has gone up and down.

const HEIGHTS = [...'▁▂▃▄▅▆▇█']

/** The last `width` values, from nothing to `top` or to the largest of them. */
export function sparkline(values: readonly number[], { width, top = 0 }: { width: number; top?: number }): string {
  const shown = values.slice(-width)
  const largest = Math.max(top, ...shown)
  return shown
    .map((value) => HEIGHTS[largest === 0 ? 0 : Math.round((value / largest) * (HEIGHTS.length - 1))] ?? HEIGHTS[0])
    .join('')
    .padStart(width)
}
