// Which of the names there are a person probably meant: those a few edits away, or those that go on from what was typed.

const MAX_NEAR = 3
/** Longer names are compared by their beginnings only. */
const MAX_LENGTH = 64

/** At most three, the nearest first. */
export function findNear(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  return names
    .map((candidate) => ({ candidate, distance: distanceBetween(wanted, candidate.toLowerCase(), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_NEAR)
    .map(({ candidate }) => candidate)
}

/** Insertions, removals and replacements from `a` to `b`; something above `limit` where there are more. */
function distanceBetween(a: string, b: string, limit: number): number {
  if (a.length >= 3 && b.startsWith(a)) return 1
  if (Math.abs(a.length - b.length) > limit || b.length > MAX_LENGTH) return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] as number) + 1, (current[column - 1] as number) + 1))
    }
    previous = current
  }
  return previous[b.length] as number
}
