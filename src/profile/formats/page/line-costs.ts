// What the lines of one function cost: by themselves, and with what they called.

import type { ProfileModel, ThreadChoice } from './profile-model.js'

export interface LineCost {
  self: number
  total: number
}

export function costsOfLines(model: ProfileModel, choice: ThreadChoice, wanted: number): Map<number, LineCost> {
  const { totals, stackParents, stackFunctions, stackLines } = model
  const costs = new Map<number, LineCost>()
  for (let row = 0; row < totals.length; row++) {
    if (choice !== 'all' && totals.threads[row] !== choice) continue
    const samples = totals.samples[row] as number
    const seen = new Set<number>()
    const top = totals.stacks[row] as number
    for (let stack = top; stack !== 0; stack = stackParents[stack] as number) {
      if (stackFunctions[stack] !== wanted) continue
      const line = stackLines[stack] as number
      const cost = costs.get(line) ?? { self: 0, total: 0 }
      costs.set(line, cost)
      if (stack === top) cost.self += samples
      if (!seen.has(line)) cost.total += samples
      seen.add(line)
    }
  }
  return costs
}
