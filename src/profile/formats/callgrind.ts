// The format of callgrind, for KCachegrind and callgrind_annotate: costs by line, and inclusive costs by call. A call
// that a stack goes through more than once counts once for it, and a function's call of itself not at all, as readers
// add up what a function calls. How often a call was made cannot be known from samples: `calls=1` stands for "it was seen".

import type { Profile } from '../profile.js'
import { type FunctionTable, findFunctions } from './functions.js'
import type { Output } from './output.js'
import { sumUp, type Tables, type Totals, tablesOf } from './totals.js'

interface Cost {
  samples: number
  us: number
}

interface FunctionCosts {
  /** By line. */
  readonly self: Map<number, Cost>
  /** By line and called function, as one number. */
  readonly calls: Map<number, Cost>
}

export function writeCallgrind(profile: Profile, output: Output): void {
  const { info } = profile
  const tables = tablesOf(profile)
  const table = findFunctions(tables.frames)
  const costs = findCosts(tables, table, sumUp(profile, tables))
  output.text(`# callgrind format\nversion: 1\ncreator: remora\npid: ${info.pid}\ncmd: ${oneLine(info.command)}\n`)
  output.text('positions: line\nevents: Samples Microseconds\n')
  const names = new Names()
  for (const [id, { self, calls }] of costs.entries()) {
    const { qualifiedName, file } = table.functions[id] ?? { qualifiedName: '', file: '' }
    if (self.size === 0 && calls.size === 0) continue
    output.text(`\nfl=${names.name('file', file || '???')}\nfn=${names.name('function', qualifiedName, file)}\n`)
    for (const [line, cost] of self) output.text(`${line} ${cost.samples} ${Math.round(cost.us)}\n`)
    for (const [key, cost] of calls) {
      const line = Math.floor(key / table.functions.length)
      const called = table.functions[key % table.functions.length]
      if (called === undefined) continue
      output.text(`cfi=${names.name('file', called.file || '???')}\n`)
      output.text(`cfn=${names.name('function', called.qualifiedName, called.file)}\n`)
      output.text(`calls=1 ${called.firstLine}\n${line} ${cost.samples} ${Math.round(cost.us)}\n`)
    }
  }
}

function findCosts({ frames, stacks }: Tables, table: FunctionTable, totals: Totals): FunctionCosts[] {
  const costs = table.functions.map((): FunctionCosts => ({ self: new Map(), calls: new Map() }))
  for (const [stack, cost] of sumByStack(totals)) {
    const seen = new Set<string>()
    let called = -1
    for (let at = stack; at !== 0; at = stacks.parents[at] as number) {
      const frame = stacks.frames[at] as number
      const line = frames[frame]?.line ?? 0
      const caller = table.ofFrame[frame] as number
      const { self, calls } = costs[caller] as FunctionCosts
      if (called === -1) {
        addTo(self, line, cost)
      } else if (caller !== called && !seen.has(`${caller} ${called}`)) {
        seen.add(`${caller} ${called}`)
        addTo(calls, line * table.functions.length + called, cost)
      }
      called = caller
    }
  }
  return costs
}

function sumByStack(totals: Totals): Map<number, Cost> {
  const sums = new Map<number, Cost>()
  for (let row = 0; row < totals.length; row++) {
    const cost = { samples: totals.samples[row] as number, us: totals.wallUs[row] as number }
    addTo(sums, totals.stacks[row] as number, cost)
  }
  return sums
}

function addTo(sums: Map<number, Cost>, key: number, { samples, us }: Cost): void {
  const sum = sums.get(key)
  if (sum === undefined) {
    sums.set(key, { samples, us })
  } else {
    sum.samples += samples
    sum.us += us
  }
}

/** A name is written once, and by its number from then on. Functions of one name in two files are two. */
class Names {
  readonly #ids = { file: new Map<string, number>(), function: new Map<string, number>() }

  name(kind: 'file' | 'function', name: string, file = ''): string {
    const ids = this.#ids[kind]
    const key = `${name}\0${file}`
    const known = ids.get(key)
    if (known !== undefined) return `(${known})`
    ids.set(key, ids.size + 1)
    return `(${ids.size}) ${oneLine(name)}`
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
