// Stacks by function: the tree that the flame graph shows, with the samples of this profile and of the one to compare
// with. Node 0 is the root. A node comes after its parent.

import type { ProfileModel, ThreadChoice, Totals } from './profile-model.js'

export interface CallTree {
  readonly length: number
  readonly functions: readonly number[]
  readonly parents: readonly number[]
  readonly children: readonly (readonly number[])[]
  readonly now: Weights
  readonly old: Weights | undefined
}

export interface Weights {
  /** Samples in the node itself, and with all below it. */
  readonly self: Float64Array
  readonly total: Float64Array
  readonly wallUs: Float64Array
}

export interface FunctionCost {
  readonly id: number
  self: number
  total: number
  oldSelf: number
  oldTotal: number
}

export const ROOT = 0

export function buildCallTree(model: ProfileModel, choice: ThreadChoice): CallTree {
  const nodes = new Nodes(model)
  const rows = rowsOf(model.totals, choice).map((row) => ({
    row,
    node: nodes.ofStack(model.totals.stacks[row] as number),
  }))
  const { oldTotals } = model
  const oldRows =
    oldTotals && rowsOf(oldTotals, choice).map((row) => ({ row, node: nodes.ofStack(oldTotals.stacks[row] as number) }))
  const { functions, parents, children } = nodes
  const tree = { length: functions.length, functions, parents, children }
  return {
    ...tree,
    now: sumUp(tree, model.totals, rows),
    old: oldTotals && oldRows && sumUp(tree, oldTotals, oldRows),
  }
}

/** What each function costs; one that stands in a stack twice counts once for it. The costliest by itself comes first. */
export function costsOfFunctions(tree: CallTree): FunctionCost[] {
  const costs = new Map<number, FunctionCost>()
  for (let node = 1; node < tree.length; node++) {
    const id = tree.functions[node] as number
    let cost = costs.get(id)
    if (cost === undefined) {
      cost = { id, self: 0, total: 0, oldSelf: 0, oldTotal: 0 }
      costs.set(id, cost)
    }
    cost.self += tree.now.self[node] as number
    cost.oldSelf += tree.old?.self[node] ?? 0
    if (isRecursive(tree, node)) continue
    cost.total += tree.now.total[node] as number
    cost.oldTotal += tree.old?.total[node] ?? 0
  }
  return [...costs.values()].sort((a, b) => b.self - a.self || b.total - a.total)
}

/** Samples with at least one of these functions in their stack. */
export function samplesWith({ length, functions, parents, now }: CallTree, wanted: ReadonlySet<number>): number {
  const below = new Uint8Array(length)
  let samples = 0
  for (let node = 1; node < length; node++) {
    if (below[parents[node] as number]) {
      below[node] = 1
    } else if (wanted.has(functions[node] as number)) {
      below[node] = 1
      samples += now.total[node] as number
    }
  }
  return samples
}

function isRecursive({ functions, parents }: CallTree, node: number): boolean {
  for (let at = parents[node] as number; at !== ROOT; at = parents[at] as number) {
    if (functions[at] === functions[node]) return true
  }
  return false
}

function rowsOf({ length, threads }: Totals, choice: ThreadChoice): number[] {
  const rows = Array.from({ length }, (_, row) => row)
  return choice === 'all' ? rows : rows.filter((row) => threads[row] === choice)
}

function sumUp(
  { length, parents }: Pick<CallTree, 'length' | 'parents'>,
  totals: Totals,
  rows: readonly { row: number; node: number }[],
): Weights {
  const self = new Float64Array(length)
  const total = new Float64Array(length)
  const wallUs = new Float64Array(length)
  for (const { row, node } of rows) {
    self[node] = (self[node] as number) + (totals.samples[row] as number)
    wallUs[node] = (wallUs[node] as number) + (totals.wallUs[row] as number)
  }
  total.set(self)
  for (let node = length - 1; node > ROOT; node--) {
    const parent = parents[node] as number
    total[parent] = (total[parent] as number) + (total[node] as number)
    wallUs[parent] = (wallUs[parent] as number) + (wallUs[node] as number)
  }
  return { self, total, wallUs }
}

class Nodes {
  readonly functions: number[] = [-1]
  readonly parents: number[] = [0]
  readonly children: number[][] = [[]]
  readonly #model: ProfileModel
  readonly #ofStack = new Map<number, number>([[0, ROOT]])
  readonly #byKey = new Map<number, number>()

  constructor(model: ProfileModel) {
    this.#model = model
  }

  ofStack(stack: number): number {
    const missing: number[] = []
    let at = stack
    for (; !this.#ofStack.has(at); at = this.#model.stackParents[at] as number) missing.push(at)
    let node = this.#ofStack.get(at) as number
    for (const next of missing.reverse()) {
      node = this.#child(node, this.#model.stackFunctions[next] as number)
      this.#ofStack.set(next, node)
    }
    return node
  }

  #child(parent: number, function_: number): number {
    const key = parent * this.#model.functions.length + function_
    let node = this.#byKey.get(key)
    if (node === undefined) {
      node = this.functions.push(function_) - 1
      this.#byKey.set(key, node)
      this.parents.push(parent)
      this.children.push([])
      this.children[parent]?.push(node)
    }
    return node
  }
}
