// Numbers and names as the page writes them.

export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (part / whole) * 100 : 0
  return `${share >= 10 || share === 0 ? share.toFixed(1) : share.toFixed(2)} %`
}

/** A difference of shares in percentage points: `+1.3`. */
export function points(difference: number): string {
  const value = (difference * 100).toFixed(Math.abs(difference) >= 0.1 ? 1 : 2)
  return difference > 0 ? `+${value}` : value.replace('-', '−')
}

export function duration(us: number): string {
  if (us >= 60_000_000) return `${Math.floor(us / 60_000_000)} min ${Math.round((us % 60_000_000) / 1_000_000)} s`
  if (us >= 1_000_000) return `${(us / 1_000_000).toFixed(2)} s`
  return us >= 1000 ? `${(us / 1000).toFixed(us >= 100_000 ? 0 : 1)} ms` : `${Math.round(us)} µs`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
}

export function shortFile(file: string): string {
  return file.split('/').slice(-2).join('/')
}
