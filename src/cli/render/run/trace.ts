// A trace as text: a line an event, with time and place in columns, and tables with bars for aggregations.

import path from 'node:path'
import type { TraceDocument, TraceGroupInfo, Variable } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { cutStart, padEnd, widthOf } from '../text/columns.js'
import { toTableLines } from '../text/table.js'

type Look = Pick<Terminal, 'style' | 'columns'>
type Measure = NonNullable<TraceGroupInfo['measures']>[number]

const MAX_PLACES = 5
const MAX_GROUPS = 20
const MAX_PLACE_WIDTH = 44
const BAR_WIDTH = 40
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** What earlier events have shown: the probes' texts, and how wide the columns have become. */
export class TraceColumns {
  readonly probes = new Map<number, string>()
  readonly pids = new Set<number>()
  /** Whether there are, or may come to be, several processes. */
  readonly #manyProcesses: boolean
  /** Those that have shown a table. */
  readonly aggregating = new Set<number>()
  placeWidth = 16

  constructor({ manyProcesses = false } = {}) {
    this.#manyProcesses = manyProcesses
  }

  /** `#1 ` where there is more than one probe, or process. */
  label({ probe, pid }: TraceDocument): string {
    return this.probes.size > 1 && probe !== undefined ? this.numberOf({ probe, pid }) : this.#process(pid)
  }

  numberOf({ probe = 0, pid }: Pick<TraceDocument, 'probe' | 'pid'>): string {
    return `${this.#process(pid)}#${probe + 1} `
  }

  #process(pid: number): string {
    return this.#manyProcesses ? `${pid} ` : ''
  }
}

export function renderTraceEvent(event: TraceDocument, columns: TraceColumns, look: Look): string {
  switch (event.event) {
    case 'attached':
      return renderAttached(event, columns, look)
    case 'hit':
    case 'return':
      return renderHit(event, columns, look)
    case 'error':
      return note(event, columns, look, `error in a probe at ${event.function}: ${event.message}`)
    case 'dropped':
      return note(event, columns, look, `${event.count} events are lost, as they were not read in time`)
    case 'budget':
      return note(
        event,
        columns,
        look,
        `past its budget of ${event.budget}: ${CONSEQUENCES[event.consequence ?? 'sampling']}`,
      )
    case 'estimate':
      return renderEstimate(event, columns, look)
    case 'detached':
      return renderDetached(event, columns, look)
    default:
      return ''
  }
}

const CONSEQUENCES = {
  sampling: 'from here on only a part of the hits is seen',
  off: 'switched off',
}

function renderAttached(event: TraceDocument, columns: TraceColumns, look: Look): string {
  const { probe = 0, text = '', places = [], placeCount = places.length, waiting, budgets, pid } = event
  const first = !columns.pids.has(pid) && budgets !== undefined
  columns.probes.set(probe, text)
  columns.pids.add(pid)
  const lines = [`${look.style('bold', columns.numberOf(event).trimEnd())} ${escapeControls(text)}`]
  if (waiting !== undefined) lines.push(`   waits: ${waiting}`)
  for (const place of places.slice(0, MAX_PLACES)) {
    lines.push(`   at ${escapeControls(`${place.function} (${place.file}:${place.line})`)}`)
  }
  if (placeCount > MAX_PLACES) lines.push(`   and ${placeCount - MAX_PLACES} more`)
  const intro = first ? [renderBudgets(event), ...lines] : lines
  return `${intro.join('\n')}\n`
}

function renderBudgets({ budgets, target, pid }: TraceDocument): string {
  const { cpuShare = 0, eventsPerSecond = 0, bytesPerSecond = 0, seconds = 0 } = budgets ?? {}
  const limits = [
    `${Number((cpuShare * 100).toPrecision(3))} % of a core`,
    `${eventsPerSecond} events and ${bytesPerSecond} bytes a second`,
  ]
  return `attached to ${pid}, CPython ${target?.python ?? '?'}, for ${seconds} s, within ${limits.join(', ')}`
}

function renderHit(event: TraceDocument, columns: TraceColumns, look: Look): string {
  const { file = '', line, task, thread, stack } = event
  const place = `${event.function} ${path.basename(file)}${line === undefined ? '' : `:${line}`}`
  const shown = cutStart(escapeControls(place), MAX_PLACE_WIDTH)
  columns.placeWidth = Math.max(columns.placeWidth, widthOf(shown))
  const values = [...(event.args ?? []), ...(event.values ?? [])].map((one) => renderValue(one, look))
  const outcome = renderOutcome(event, look)
  const where = [thread === 'MainThread' ? undefined : thread, task].filter((one) => typeof one === 'string')
  const parts = [
    `${columns.label(event)}${look.style('dim', clockOf(event.at))}`,
    padEnd(shown, columns.placeWidth),
    ...values,
    ...outcome,
    ...where.map((one) => look.style('dim', `[${escapeControls(String(one))}]`)),
  ]
  return `${parts.join('  ').trimEnd()}\n${renderStack(stack, look)}`
}

function renderOutcome({ event, result, error, elapsedMs, onMs, offMs }: TraceDocument, look: Look): string[] {
  const parts: string[] = []
  if (error !== undefined)
    parts.push(look.style('red', `${event === 'return' ? '!! ' : ''}${escapeControls(error.text)}`))
  else if (result !== undefined) parts.push(`-> ${escapeControls(result.text)}`)
  if (elapsedMs !== undefined) parts.push(look.style('yellow', toDuration(elapsedMs)))
  if (onMs !== undefined && offMs !== undefined) {
    parts.push(look.style('dim', `(on ${toDuration(onMs)}, off ${toDuration(offMs)})`))
  }
  return parts
}

function renderValue({ name, text }: Variable, { style }: Look): string {
  return `${style('cyan', escapeControls(name))}=${escapeControls(text)}`
}

function renderStack(stack: TraceDocument['stack'], look: Look): string {
  return (stack ?? [])
    .map(({ qualifiedName, file, line, locals = [] }) => {
      const head = `    ${escapeControls(`${qualifiedName} (${file}:${line ?? '?'})`)}\n`
      return head + locals.map((one) => `        ${renderValue(one, look)}\n`).join('')
    })
    .join('')
}

function renderEstimate(event: TraceDocument, columns: TraceColumns, look: Look): string {
  const { hitsPerSecond = 0, costUs = 0, cpuShare = 0 } = event
  const share = Number((cpuShare * 100).toPrecision(2))
  const text = `${hitsPerSecond} hits a second, about ${costUs} µs each: ${share} % of a core`
  return `${columns.label(event)}${look.style('bold', text)}\n`
}

const REASONS = {
  time: 'the time is up',
  hits: 'the number of hits is reached',
  stopped: 'stopped',
  exited: 'the process has ended',
  withdrawn: 'the agent did not start in time',
  refused: 'it refused',
}

function renderDetached(event: TraceDocument, columns: TraceColumns, { style }: Look): string {
  const { probe, reason = 'stopped', message, pid, cpuMs, dropped = 0, errors = 0, hits, reported } = event
  if (probe !== undefined) {
    if (hits === 0) return `${columns.label(event)}no hits\n`
    return reported === 0 && !columns.aggregating.has(probe)
      ? `${columns.label(event)}${hits} hits, none reported\n`
      : ''
  }
  const total = message === undefined ? [] : [message]
  if (cpuMs !== undefined) total.push(`it took ${toDuration(cpuMs)} of CPU time`)
  if (dropped > 0) total.push(`${dropped} events lost`)
  if (errors > 0) total.push(`${errors} errors in probes`)
  return style(
    'dim',
    `detached from ${pid}: ${[REASONS[reason], escapeControls(total.join(', '))].filter(Boolean).join('; ')}\n`,
  )
}

function note(event: TraceDocument, columns: TraceColumns, { style }: Look, text: string): string {
  return `${columns.label(event)}${style('dim', clockOf(event.at))}  ${style('yellow', escapeControls(text))}\n`
}

/** A table of the groups, and bars where something was distributed. */
export function renderAggregate(event: TraceDocument, columns: TraceColumns, look: Look): string {
  const { probe = 0, groups = [], groupCount = groups.length, coverage = 1 } = event
  columns.aggregating.add(probe)
  const heading = look.style('bold', `${columns.label(event)}${escapeControls(columns.probes.get(probe) ?? '')}`)
  const sampled = coverage < 0.999 ? `  (seen ${(coverage * 100).toPrecision(3)} % of the time)` : ''
  const shown = groups.slice(0, MAX_GROUPS)
  const rows = shown.map((group) => [String(group.count), ...(group.measures ?? []).flatMap(toCells), keyOf(group)])
  const headings = ['COUNT', ...(shown[0]?.measures ?? []).flatMap(toHeadings), shown[0]?.key.length ? 'KEY' : '']
  const more = groupCount > shown.length ? [`and ${groupCount - shown.length} more`] : []
  const bars = shown.slice(0, 3).flatMap((group) => (group.measures ?? []).flatMap((one) => toBars(one, group)))
  const lines = [heading + sampled, ...toTableLines(headings, rows, look.columns), ...more, ...bars]
  return `${lines.join('\n')}\n`
}

function keyOf({ key }: TraceGroupInfo): string {
  return key.map(escapeControls).join(', ')
}

function toHeadings({ kind, of }: Measure): string[] {
  if (kind === 'time') return ['TOTAL', 'AVG', 'MIN', 'MAX']
  return kind === 'hist' ? [] : [`${kind.toUpperCase()} ${escapeControls(of)}`]
}

function toCells({ kind, count, sum, min, max }: Measure): string[] {
  const average = count > 0 && sum !== null ? sum / count : null
  const total = count > 0 ? sum : null
  if (kind === 'time') return [total, average, min, max].map((one) => (one === null ? '-' : toDuration(one)))
  const values = { sum: total, min, max, avg: average }
  return kind === 'hist' ? [] : [toNumber(values[kind])]
}

function toNumber(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(6)))
}

/** `  64 µs – 128 µs ████▌ 12`: one line a power of two. */
function toBars({ buckets = [], kind }: Measure, group: TraceGroupInfo): string[] {
  const [first, second, last] = [buckets[0]?.[0], buckets[1]?.[0], buckets.at(-1)?.[0]]
  if (first === undefined || last === undefined) return []
  const counts = new Map(buckets)
  const most = Math.max(...counts.values())
  const bound = (index: number): string => {
    return kind === 'time' ? toDuration(2 ** index / 1000) : toNumber(2 ** index / 1024)
  }
  const key = keyOf(group)
  const lines = key === '' ? [] : [`  ${key}`]
  let index = first
  while (index <= last) {
    const hits = counts.get(index) ?? 0
    const from = index === 0 ? '0' : bound(index - 1)
    // From zero it may be far to the next values.
    if (index === 0 && second !== undefined) index = second - 1
    lines.push(`  ${from.padStart(8)} … ${bound(index).padEnd(8)} ${toBar(hits / most).padEnd(BAR_WIDTH)} ${hits}`)
    index++
  }
  return lines
}

function toBar(part: number): string {
  const eighths = Math.max(Math.round(part * BAR_WIDTH * 8), part > 0 ? 1 : 0)
  return '█'.repeat(eighths >> 3) + BLOCKS[eighths & 7]
}

/** `12 µs`, `3.4 ms`, `1.20 s`. */
function toDuration(ms: number): string {
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${(ms / 1000).toFixed(2)} s`
}

/** The time of day here: `14:05:09.123`. */
function clockOf(at: string): string {
  const time = new Date(at)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(11, 23)
}
