// The interactive flame graph: one page with all it needs inside. The page itself stands in `page/`, is built into one
// text, and finds its data as a deflated, base64-encoded payload: JSON with the names, then the columns of numbers.

import { deflateRawSync } from 'node:zlib'
import type { Profile } from '../profile.js'
import { type FunctionTable, findFunctions } from './functions.js'
import { threadLabels } from './labels.js'
import type { Output } from './output.js'
import template from './page/index.html'
import type { ColumnPlace, PageData, PageFunction, PageTimeline, PageTotals } from './page/page-data.js'
import { type Timeline, Timelines } from './timelines.js'
import { Sums, sumUp, type Tables, type Totals, tablesOf } from './totals.js'
import type { WriteOptions } from './write-options.js'

/** Runs in the view by time: more than a screen is wide, and few enough to draw at once. */
const MOST_RUNS = 60_000
/** Lines of a function that are shown after the last one that was seen. */
const LINES_AFTER = 2
const MOST_LINES = 400

export function writeHtml(profile: Profile, output: Output, options: WriteOptions): void {
  const columns = new Columns()
  const data = toPageData(profile, columns, options)
  const head = Buffer.from(JSON.stringify(data))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const payload = deflateRawSync(Buffer.concat([length, head, ...columns.all]), { level: 5 })
  const parts: Readonly<Record<string, string>> = {
    '%TITLE%': escapeHtml(`${profile.info.command} · Remora`),
    '%PAYLOAD%': payload.toString('base64'),
  }
  for (const piece of template.split(/(%TITLE%|%PAYLOAD%)/)) output.text(parts[piece] ?? piece)
}

function toPageData(profile: Profile, columns: Columns, { old, readSource }: WriteOptions): PageData {
  const tables = tablesOf(profile)
  const oldTables = old === undefined ? undefined : tablesOf(old)
  const frames = [...tables.frames, ...(oldTables?.frames ?? [])]
  // The lines of functions move from version to version.
  const table = findFunctions(frames, { byLine: old === undefined })
  const threads = threadLabels(profile.threads)
  const stacks = joinStacks(tables, oldTables)
  const { totals, timelines } = walk(profile, tables)
  const lines = frames.map(({ line }) => line)
  return {
    info: profile.info,
    threads: profile.threads.map(({ pid, main, task }, at) => ({
      label: threads[at] ?? '',
      pid,
      main,
      task: task !== undefined,
    })),
    functions: toFunctions(table, lines, readSource),
    frameFunctions: columns.add(table.ofFrame),
    frameLines: columns.add(Uint32Array.from(lines)),
    stackParents: columns.add(stacks.parents),
    stackFrames: columns.add(stacks.frames),
    totals: toTotals(totals, columns),
    timelines: timelines.map((timeline) => toTimeline(timeline, columns)),
    ...(old === undefined || oldTables === undefined
      ? {}
      : {
          old: {
            info: old.info,
            totals: toOldTotals(old, { oldTables, threads, offset: tables.stacks.length }, columns),
          },
        }),
  }
}

/** Both in one walk over the runs, which takes most of the time. */
function walk(profile: Profile, tables: Tables): { totals: Totals; timelines: Timeline[] } {
  const sums = new Sums(profile.threads.length, tables)
  const timelines = new Timelines(tables, MOST_RUNS)
  for (const piece of profile.runs) {
    sums.add(piece)
    timelines.add(piece)
  }
  return { totals: sums.finish(), timelines: timelines.finish() }
}

function joinStacks(
  { stacks, frames }: Tables,
  old: Tables | undefined,
): { parents: Uint32Array; frames: Uint32Array } {
  if (old === undefined) return stacks
  const parents = new Uint32Array(stacks.length + old.stacks.length)
  const tops = new Uint32Array(parents.length)
  parents.set(stacks.parents)
  tops.set(stacks.frames)
  for (let stack = 0; stack < old.stacks.length; stack++) {
    const parent = old.stacks.parents[stack] as number
    parents[stacks.length + stack] = parent === 0 ? 0 : parent + stacks.length
    tops[stacks.length + stack] = (old.stacks.frames[stack] as number) + frames.length
  }
  return { parents, frames: tops }
}

function toTotals({ threads, stacks, samples, wallUs }: Totals, columns: Columns): PageTotals {
  return {
    threads: columns.add(threads),
    stacks: columns.add(stacks),
    samples: columns.add(samples),
    wallUs: columns.add(wallUs),
  }
}

/** Rows of the old profile, with the numbers of the threads and stacks of this one; a thread that is gone is -1. */
function toOldTotals(
  old: Profile,
  { oldTables, threads, offset }: { oldTables: Tables; threads: readonly string[]; offset: number },
  columns: Columns,
): PageTotals {
  const totals = sumUp(old, oldTables)
  const threadOf = threadLabels(old.threads).map((label) => threads.indexOf(label))
  return {
    threads: columns.add(Int32Array.from(totals.threads, (thread) => threadOf[thread] ?? -1)),
    stacks: columns.add(totals.stacks.map((stack) => (stack === 0 ? 0 : stack + offset))),
    samples: columns.add(totals.samples),
    wallUs: columns.add(totals.wallUs),
  }
}

function toTimeline({ thread, stacks, startUs, endUs }: Timeline, columns: Columns): PageTimeline {
  return { thread, stacks: columns.add(stacks), startUs: columns.add(startUs), endUs: columns.add(endUs) }
}

function toFunctions(
  { functions, ofFrame }: FunctionTable,
  lines: readonly number[],
  readSource: WriteOptions['readSource'] = () => undefined,
): PageFunction[] {
  const lastLines = new Uint32Array(functions.length)
  for (const [frame, line] of lines.entries()) {
    const id = ofFrame[frame] as number
    lastLines[id] = Math.max(lastLines[id] as number, line)
  }
  const files = new Map<string, readonly string[]>()
  return functions.map(({ qualifiedName, file, firstLine }, id) => {
    if (!files.has(file)) files.set(file, (file === '' ? undefined : readSource(file))?.split('\n') ?? [])
    const last = Math.min((lastLines[id] as number) + LINES_AFTER, firstLine + MOST_LINES)
    const source = firstLine > 0 ? files.get(file)?.slice(firstLine - 1, last) : undefined
    return { name: qualifiedName, file, firstLine, ...(source?.length ? { source } : {}) }
  })
}

type Column = Uint32Array | Int32Array | Float64Array

/** The numbers behind the JSON: each column begins at a multiple of eight, so that the page need not copy it. */
class Columns {
  readonly all: Buffer[] = []
  #size = 0

  add(column: Column): ColumnPlace {
    const kind = column instanceof Float64Array ? 'f64' : column instanceof Int32Array ? 'i32' : 'u32'
    const place = { kind, offset: this.#size, length: column.length } as const
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
    const padding = Buffer.alloc(-bytes.length & 7)
    this.all.push(bytes, padding)
    this.#size += bytes.length + padding.length
    return place
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
