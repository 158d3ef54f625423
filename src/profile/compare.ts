// What has changed from an older profile to a newer one, in numbers that fit into a few lines of text: each function's own
// share of the samples, then and now. The whole difference, stack by stack, is a matter of the formats.

import type { Profile } from './profile.js'
import { summarize } from './summary.js'

/** Shares of all samples, from 0 to 1, in which the function ran itself. */
export interface FunctionChange {
  readonly function: string
  readonly file: string
  /** Line of its definition, in the newer profile if it is there. */
  readonly line: number
  readonly before: number
  readonly now: number
}

/** Functions whose share has changed, by how much. One is the same in both if its name and file are, as lines move. */
export function compareFunctions(profile: Profile, old: Profile): FunctionChange[] {
  const [now, before] = [sharesOf(profile), sharesOf(old)]
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((key): FunctionChange => {
      const { function: name, file, line } = now.get(key) ?? (before.get(key) as Share)
      return { function: name, file, line, before: before.get(key)?.share ?? 0, now: now.get(key)?.share ?? 0 }
    })
    .filter((change) => change.now !== change.before)
    .sort((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before))
}

interface Share {
  readonly function: string
  readonly file: string
  readonly line: number
  share: number
}

function sharesOf(profile: Profile): Map<string, Share> {
  const { functions, samples } = summarize(profile)
  const shares = new Map<string, Share>()
  for (const { function: name, file, line, self } of functions) {
    const key = `${file}\0${name}`
    const share = shares.get(key) ?? { function: name, file, line, share: 0 }
    share.share += self / Math.max(samples, 1)
    shares.set(key, share)
  }
  return shares
}
