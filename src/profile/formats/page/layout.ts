// Where the boxes of the flame graph stand, in samples or in microseconds from the left, and in rows from the top. Boxes
// of a row are in order and do not overlap, which is what lets a view of millions of them be drawn by bisection.

import { type CallTree, ROOT } from './call-tree.js'
import type { ProfileModel, ThreadChoice, TimelineColumns } from './profile-model.js'

export interface Layout {
  readonly unit: 'samples' | 'microseconds'
  readonly width: number
  readonly rows: readonly Row[]
}

export interface Row {
  readonly starts: number[]
  readonly ends: number[]
  /** The function of each box; -1 is the root, and below it the heading of a thread: -2 is the one of thread 0. */
  readonly functions: number[]
  /** The node of the call tree of each box, where it has one. */
  readonly nodes: number[]
}

export const ROOT_BOX = -1
const FIRST_HEADING = -2
const MOST_LANES = 40

export const headingOf = (thread: number): number => FIRST_HEADING - thread
export const threadOfHeading = (box: number): number | undefined =>
  box <= FIRST_HEADING ? FIRST_HEADING - box : undefined

/** The heaviest call first, as wide as its samples. With `before`, as wide as those of the older profile. */
export function layOutByWeight(tree: CallTree, before = false): Layout {
  const total = (before ? tree.old : undefined)?.total ?? tree.now.total
  const rows: Row[] = []
  const waiting = [{ node: ROOT, start: 0, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, start, depth } = next
    const end = start + (total[node] as number)
    addBox(rows, depth, { start, end, function_: tree.functions[node] as number, node })
    const children = (tree.children[node] ?? [])
      .filter((child) => (total[child] as number) > 0)
      .sort((a, b) => (total[b] as number) - (total[a] as number))
    // The stack gives back the last one first, and boxes of a row have to come in order.
    let childEnd = start + children.reduce((sum, child) => sum + (total[child] as number), 0)
    for (const child of children.reverse()) {
      childEnd -= total[child] as number
      waiting.push({ node: child, start: childEnd, depth: depth + 1 })
    }
  }
  return { unit: 'samples', width: total[ROOT] as number, rows }
}

/** As it happened: a lane for each thread, each with a heading. */
export function layOutByTime(model: ProfileModel, choice: ThreadChoice): Layout {
  const rows: Row[] = []
  const lanes = model.timelines.filter(({ thread }) => choice === 'all' || choice === thread).slice(0, MOST_LANES)
  const width = Math.max(1, model.info.durationMs * 1000, ...lanes.map(({ endUs, length }) => endUs[length - 1] ?? 0))
  for (const lane of lanes) {
    const first = rows.length
    addBox(rows, first, { start: 0, end: width, function_: headingOf(lane.thread), node: -1 })
    addLane(rows, first + 1, lane, model)
  }
  return { unit: 'microseconds', width, rows }
}

function addLane(rows: Row[], first: number, lane: TimelineColumns, model: ProfileModel): void {
  let open: number[] = []
  let end = 0
  for (let run = 0; run < lane.length; run++) {
    const path = functionsOf(lane.stacks[run] as number, model)
    const start = lane.startUs[run] as number
    const runEnd = lane.endUs[run] as number
    let same = 0
    if (start <= end) while (same < path.length && open[same] === path[same]) same++
    for (let depth = 0; depth < path.length; depth++) {
      const row = rows[first + depth]
      if (depth < same && row !== undefined) row.ends[row.ends.length - 1] = runEnd
      else addBox(rows, first + depth, { start, end: runEnd, function_: path[depth] as number, node: -1 })
    }
    open = path
    end = runEnd
  }
}

function functionsOf(stack: number, { stackParents, stackFunctions }: ProfileModel): number[] {
  const path: number[] = []
  for (let at = stack; at !== 0; at = stackParents[at] as number) path.push(stackFunctions[at] as number)
  return path.reverse()
}

interface NewBox {
  readonly start: number
  readonly end: number
  readonly function_: number
  readonly node: number
}

function addBox(rows: Row[], depth: number, { start, end, function_, node }: NewBox): void {
  while (rows.length <= depth) rows.push({ starts: [], ends: [], functions: [], nodes: [] })
  const row = rows[depth] as Row
  row.starts.push(start)
  row.ends.push(end)
  row.functions.push(function_)
  row.nodes.push(node)
}

/** The first box of the row that ends behind `position`. */
export function findBox({ ends }: Row, position: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] as number) > position) high = middle
    else low = middle + 1
  }
  return low
}
