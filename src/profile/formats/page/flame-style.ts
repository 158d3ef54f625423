// What boxes look like: their names, and their colours by origin, by difference, by search.

import type { CallTree } from './call-tree.js'
import { type BoxColor, colorOf, colorOfDifference } from './colors.js'
import type { FlameStyle } from './flame-view.js'
import { type Layout, ROOT_BOX, threadOfHeading } from './layout.js'
import type { ProfileModel } from './profile-model.js'
import { duration, percent } from './text.js'

interface StyleSource {
  readonly model: ProfileModel
  readonly tree: CallTree
  readonly layout: Layout
  readonly matches: ReadonlySet<number> | undefined
  readonly selected: number | undefined
  readonly dark: boolean
}

const inks = {
  light: { ink: '#1d1b18', muted: '#8a837a', background: '#fffdfa', plain: '#ece7e0' },
  dark: { ink: '#fdf8f0', muted: '#8d8880', background: '#171614', plain: '#2a2825' },
} as const
/** A change of so much of the whole has the full colour. */
const FULL_DIFFERENCE = 0.1

export function flameStyle(source: StyleSource): FlameStyle {
  const { model, tree, layout, matches, selected, dark } = source
  const { ink, muted, background, plain } = inks[dark ? 'dark' : 'light']
  const colors = new Map<number, BoxColor>()
  const plainColor = { fill: plain, text: ink }
  return {
    ink,
    muted,
    background,
    label: (box) => labelOf(box, model),
    color: (box, node) => {
      const function_ = model.functions[box]
      if (function_ === undefined) return plainColor
      if (tree.old !== undefined && node >= 0) return colorOfDifference(changeOf(tree, node) / FULL_DIFFERENCE, dark)
      let color = colors.get(box)
      if (color === undefined) {
        color = colorOf(function_, dark)
        colors.set(box, color)
      }
      return color
    },
    strength: (box) => (matches === undefined || box < 0 || matches.has(box) ? 1 : 0.3),
    mark: (box) => box === selected && box >= 0,
    ruler: (position) => (layout.unit === 'samples' ? percent(position, layout.width) : duration(position)),
  }
}

export function labelOf(box: number, { functions, threads }: ProfileModel): string {
  if (box === ROOT_BOX) return 'all'
  const thread = threadOfHeading(box)
  return (thread === undefined ? functions[box]?.name : threads[thread]?.label) ?? ''
}

/** By how much a node's share of all samples differs from before. */
export function changeOf({ now, old }: CallTree, node: number): number {
  if (old === undefined) return 0
  const share = ({ total }: { total: Float64Array }): number =>
    (total[node] as number) / Math.max(1, total[0] as number)
  return share(now) - share(old)
}
