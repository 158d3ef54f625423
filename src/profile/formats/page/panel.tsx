// The side panel: all functions by cost, or the lines of the one that is selected.

import { useState } from 'preact/hooks'
import type { CallTree, FunctionCost } from './call-tree.js'
import { originOf } from './colors.js'
import { costsOfLines } from './line-costs.js'
import type { ProfileModel, ThreadChoice } from './profile-model.js'
import { percent, points, shortFile } from './text.js'

interface PanelProps {
  readonly model: ProfileModel
  readonly tree: CallTree
  readonly costs: readonly FunctionCost[]
  readonly choice: ThreadChoice
  readonly matches: ReadonlySet<number> | undefined
  readonly selected: number | undefined
  readonly setSelected: (function_: number | undefined) => void
  readonly zoom: (function_: number) => void
}

const MOST_FUNCTIONS = 300

export function Panel(props: PanelProps) {
  return (
    <aside>
      {props.selected === undefined ? (
        <Functions {...props} />
      ) : (
        <FunctionDetails {...props} selected={props.selected} />
      )}
    </aside>
  )
}

const legend = [
  ['own', 'program'],
  ['package', 'packages'],
  ['stdlib', 'standard library'],
  ['runtime', 'interpreter'],
] as const

type Order = 'self' | 'total' | 'change'

function Functions({ model, tree, costs, matches, setSelected, zoom }: PanelProps) {
  const compares = tree.old !== undefined
  const [order, setOrder] = useState<Order>(compares ? 'change' : 'self')
  const whole = tree.now.total[0] as number
  const oldWhole = tree.old?.total[0] ?? 0
  const change = ({ self, oldSelf }: FunctionCost): number =>
    self / Math.max(1, whole) - oldSelf / Math.max(1, oldWhole)
  const keys: Readonly<Record<Order, (cost: FunctionCost) => number>> = {
    self: ({ self }) => self,
    total: ({ total }) => total,
    change: (cost) => Math.abs(change(cost)),
  }
  const shown = costs
    .filter(({ id }) => matches === undefined || matches.has(id))
    .toSorted((a, b) => keys[order](b) - keys[order](a))
    .slice(0, MOST_FUNCTIONS)
  const heading = (name: Order, label: string) => (
    <th scope="col" aria-sort={order === name ? 'descending' : 'none'}>
      <button type="button" onClick={() => setOrder(name)}>
        {label}
      </button>
    </th>
  )
  return (
    <>
      <table class="functions">
        <thead>
          <tr>
            <th scope="col">Function</th>
            {heading('self', 'Self')}
            {heading('total', 'Total')}
            {compares ? heading('change', 'Change') : null}
          </tr>
        </thead>
        <tbody>
          {shown.map((cost) => {
            const function_ = model.functions[cost.id]
            return (
              <tr key={cost.id} onClick={() => setSelected(cost.id)} onDblClick={() => zoom(cost.id)}>
                <td title={`${function_?.name}\n${function_?.file}`}>
                  <i class={`dot ${function_ === undefined ? '' : originOf(function_)}`} />
                  <button type="button" class="name">
                    {function_?.name}
                  </button>
                  <small>{function_?.file ? shortFile(function_.file) : ''}</small>
                </td>
                <td class="number" style={heat(cost.self / whole)}>
                  {percent(cost.self, whole)}
                </td>
                <td class="number">{percent(cost.total, whole)}</td>
                {compares ? (
                  <td class={`number ${change(cost) > 0 ? 'more' : 'less'}`}>{points(change(cost))}</td>
                ) : null}
              </tr>
            )
          })}
        </tbody>
      </table>
      <p class="legend">
        {compares ? (
          <>
            <i class="dot more" /> more than before <i class="dot less" /> less than before
          </>
        ) : (
          legend.map(([origin, label]) => (
            <span key={origin}>
              <i class={`dot ${origin}`} /> {label}
            </span>
          ))
        )}
      </p>
    </>
  )
}

function FunctionDetails({
  model,
  tree,
  costs,
  choice,
  selected,
  setSelected,
  zoom,
}: PanelProps & { selected: number }) {
  const function_ = model.functions[selected]
  const cost = costs.find(({ id }) => id === selected)
  if (function_ === undefined || cost === undefined) return null
  const whole = tree.now.total[0] as number
  const oldWhole = tree.old?.total[0] ?? 0
  return (
    <section class="details">
      <button type="button" class="back" onClick={() => setSelected(undefined)}>
        ‹ All functions
      </button>
      <h2>{function_.name}</h2>
      <p class="place">{function_.file === '' ? 'the interpreter' : `${function_.file}:${function_.firstLine}`}</p>
      <p class="figures">
        <b>{percent(cost.self, whole)}</b> self <b>{percent(cost.total, whole)}</b> total
        {tree.old === undefined ? null : (
          <span>{` · before ${percent(cost.oldSelf, oldWhole)} self, ${percent(cost.oldTotal, oldWhole)} total`}</span>
        )}
        <button type="button" class="zoom" onClick={() => zoom(selected)}>
          Zoom
        </button>
      </p>
      <Lines {...{ model, choice, selected, whole }} />
    </section>
  )
}

interface LinesProps {
  readonly model: ProfileModel
  readonly choice: ThreadChoice
  readonly selected: number
  readonly whole: number
}

function Lines({ model, choice, selected, whole }: LinesProps) {
  const { source, firstLine } = model.functions[selected] ?? { source: undefined, firstLine: 0 }
  const costs = costsOfLines(model, choice, selected)
  const seen = [...costs.keys()].filter((line) => line > 0).sort((a, b) => a - b)
  const lines = source === undefined ? seen : source.map((_, at) => firstLine + at)
  const most = Math.max(1, ...[...costs.values()].map(({ total }) => total))
  return (
    <table class="lines">
      <thead>
        <tr>
          <th scope="col">Self</th>
          <th scope="col">Total</th>
          <th scope="col">Line</th>
          <th scope="col" />
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const cost = costs.get(line)
          return (
            <tr key={line} style={heat((cost?.total ?? 0) / most)}>
              <td class="number">{cost?.self ? percent(cost.self, whole) : ''}</td>
              <td class="number">{cost ? percent(cost.total, whole) : ''}</td>
              <td class="number line">{line}</td>
              <td>
                <code>{source?.[line - firstLine] ?? ''}</code>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function heat(share: number): { '--heat': string } {
  return { '--heat': `${(Math.min(1, share) * 100).toFixed(1)}%` }
}
