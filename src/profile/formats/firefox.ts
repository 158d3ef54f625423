// The processed format of the Firefox Profiler, version 57, which it upgrades when it loads the file. Its threads have
// tables of their own, so each one gets only what it uses. A run of several samples is two rows, one at each end, as the
// graphs draw from row to row; a thread that was not sampled for a while has a row without a stack.

import path from 'node:path'
import type { Profile, ProfileFrame } from '../profile.js'
import { findFunctions } from './functions.js'
import { threadLabels } from './labels.js'
import type { Output } from './output.js'
import { type Timeline, timelinesOf } from './timelines.js'
import { type Tables, tablesOf } from './totals.js'

const MOST_RUNS = 1_000_000

const CATEGORIES = [
  { name: 'Other', color: 'grey', subcategories: ['Other'] },
  { name: 'Python', color: 'yellow', subcategories: ['Other'] },
  { name: 'Library', color: 'blue', subcategories: ['Other'] },
  { name: 'Garbage collection', color: 'orange', subcategories: ['Other'] },
]

export function writeFirefox(profile: Profile, output: Output): void {
  const tables = tablesOf(profile)
  const strings = new Strings()
  const labels = threadLabels(profile.threads)
  const empty = { length: 0 }
  output.text('{"meta":').json(toMeta(profile)).text(',"libs":[],"pages":[],"threads":[')
  let comma = ''
  for (const timeline of timelinesOf(profile, tables, MOST_RUNS)) {
    const { columns, stackOf } = toColumns(timeline, tables, strings)
    const head = JSON.stringify({
      ...toThread(profile, timeline, labels),
      ...columns,
      markers: { ...MARKERS, ...empty },
    })
    output.text(`${comma}\n${head.slice(0, -1)},"samples":`)
    writeSamples(timeline, stackOf, output)
    output.text('}')
    comma = ','
  }
  output.text('],"shared":').json({ stringArray: strings.all }).text('}\n')
}

const MARKERS = { data: [], name: [], startTime: [], endTime: [], phase: [], category: [] }

function toMeta({ info }: Profile): object {
  return {
    interval: Math.max(info.intervalUs, 1) / 1000,
    startTime: Date.parse(info.startedAt),
    processType: 0,
    product: info.command,
    importedFrom: 'Remora',
    stackwalk: 0,
    version: 27,
    preprocessedProfileVersion: 57,
    symbolicated: true,
    symbolicationNotSupported: true,
    categories: CATEGORIES,
    markerSchema: [],
    extensions: { id: [], name: [], baseURL: [], length: 0 },
    profilingStartTime: 0,
    profilingEndTime: info.durationMs,
  }
}

function toThread({ info, threads }: Profile, { thread }: Timeline, labels: readonly string[]): object {
  const { pid, nativeId, main = false, task } = threads[thread] ?? { pid: info.pid, nativeId: thread }
  return {
    name: labels[thread],
    isMainThread: main && task === undefined,
    processType: 'default',
    processName: `Python ${info.python}`,
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    showMarkersInTimeline: false,
    pid: String(pid),
    // Tasks share their thread, and the reader wants each to have its own.
    tid: task === undefined ? nativeId : `${nativeId}.${thread}`,
  }
}

/** The tables of one thread, and the row of each stack of ours in them. */
function toColumns(
  timeline: Timeline,
  { frames, stacks }: Tables,
  strings: Strings,
): { columns: object; stackOf: Int32Array } {
  const stackOf = new Int32Array(stacks.length).fill(-1)
  const prefix: (number | null)[] = []
  const frame: number[] = []
  const frameRows = new Map<number, number>()
  for (let run = 0; run < timeline.length; run++) {
    const missing: number[] = []
    for (let at = timeline.stacks[run] as number; at !== 0 && stackOf[at] === -1; at = stacks.parents[at] as number) {
      missing.push(at)
    }
    for (const stack of missing.reverse()) {
      const parent = stacks.parents[stack] as number
      const index = stacks.frames[stack] as number
      if (!frameRows.has(index)) frameRows.set(index, frameRows.size)
      stackOf[stack] = frame.push(frameRows.get(index) as number) - 1
      prefix.push(parent === 0 ? null : (stackOf[parent] as number))
    }
  }
  const used = [...frameRows.keys()].map((index) => frames[index] as ProfileFrame)
  return { columns: { stackTable: { frame, prefix, length: frame.length }, ...toFrameTables(used, strings) }, stackOf }
}

function toFrameTables(frames: readonly ProfileFrame[], strings: Strings): object {
  const { functions, ofFrame } = findFunctions(frames)
  const fill = <Item>(list: readonly unknown[], value: Item): Item[] => list.map(() => value)
  const packages = new Strings()
  const resource = functions.map(({ file }) => packages.add(file === '' ? 'Python' : path.basename(path.dirname(file))))
  return {
    frameTable: {
      address: fill(frames, -1),
      inlineDepth: fill(frames, 0),
      category: frames.map(categoryOf),
      subcategory: fill(frames, 0),
      func: Array.from(ofFrame),
      nativeSymbol: fill(frames, null),
      innerWindowID: fill(frames, 0),
      line: frames.map(({ line }) => (line > 0 ? line : null)),
      column: frames.map(({ column }) => (column >= 0 ? column + 1 : null)),
      length: frames.length,
    },
    funcTable: {
      name: functions.map(({ qualifiedName }) => strings.add(qualifiedName)),
      isJS: fill(functions, false),
      relevantForJS: fill(functions, false),
      resource,
      fileName: functions.map(({ file }) => (file === '' ? null : strings.add(file))),
      lineNumber: functions.map(({ firstLine }) => (firstLine > 0 ? firstLine : null)),
      columnNumber: fill(functions, null),
      length: functions.length,
    },
    resourceTable: {
      lib: fill(packages.all, null),
      name: packages.all.map((name) => strings.add(name)),
      host: fill(packages.all, null),
      type: fill(packages.all, LIBRARY),
      length: packages.all.length,
    },
    nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
  }
}

const LIBRARY = 1

function categoryOf({ file, qualifiedName }: ProfileFrame): number {
  if (qualifiedName === '<GC>') return 3
  return /\/(?:lib\/python3|site-packages|dist-packages)|^</.test(file) ? 2 : 1
}

function writeSamples(timeline: Timeline, stackOf: Int32Array, output: Output): void {
  output.text('{"weightType":"samples","stack":[')
  const length = eachRow(timeline, (row, run) => {
    if (row > 0) output.byte(COMMA)
    const stack = run === -1 ? -1 : (stackOf[timeline.stacks[run] as number] as number)
    if (stack === -1) output.text('null')
    else output.integer(stack)
  })
  output.text('],"time":[')
  eachRow(timeline, (row, _run, us) => {
    if (row > 0) output.byte(COMMA)
    output.thousandth(us)
  })
  output.text('],"weight":[')
  eachRow(timeline, (row, _run, _us, weight) => {
    if (row > 0) output.byte(COMMA)
    output.integer(weight)
  })
  output.text(`],"length":${length}}`)
}

const COMMA = 44

type Visit = (row: number, run: number, us: number, weight: number) => void

/** The rows that stand for a timeline; `run` is -1 for a gap. Returns how many there are. */
function eachRow({ length, startUs, endUs, counts }: Timeline, visit: Visit): number {
  let row = 0
  let end = startUs[0] as number
  for (let run = 0; run < length; run++) {
    const start = startUs[run] as number
    const count = counts[run] as number
    if (start > end) visit(row++, -1, end, 0)
    end = endUs[run] as number
    visit(row++, run, start, Math.max(1, count - 1))
    if (count > 1) visit(row++, run, Math.round(end - (end - start) / count), 1)
  }
  return row
}

class Strings {
  readonly #ids = new Map<string, number>()

  get all(): string[] {
    return [...this.#ids.keys()]
  }

  add(text: string): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#ids.set(text, this.#ids.size)
    return this.#ids.size - 1
  }
}
