// The profile.proto of pprof, gzipped. Each sample has its thread as a label, and as many values as were measured:
// samples, wall time, and where the sampler knew them, CPU time and time with the interpreter's lock.

import { gzipSync } from 'node:zlib'
import {
  Line,
  Location,
  Profile as Pprof,
  Function as PprofFunction,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format'
import type { Profile } from '../profile.js'
import { findFunctions } from './functions.js'
import { threadLabels } from './labels.js'
import type { Output } from './output.js'
import { pathOf, sumUp, type Tables, type Totals, tablesOf } from './totals.js'

export function writePprof(profile: Profile, output: Output): void {
  const { info } = profile
  const tables = tablesOf(profile)
  const totals = sumUp(profile, tables)
  const strings = new StringTable()
  const values = chooseValues(totals)
  const encoded = new Pprof({
    stringTable: strings,
    sampleType: values.map(({ type, unit }) => valueType(strings, type, unit)),
    sample: toSamples(profile, { tables, totals, strings, values: values.map(({ read }) => read) }),
    ...toPlaces(tables, strings),
    timeNanos: BigInt(Date.parse(info.startedAt)) * 1_000_000n,
    durationNanos: Math.round(info.durationMs * 1e6),
    periodType: valueType(strings, 'wall', 'nanoseconds'),
    period: Math.round(info.intervalUs * 1000),
    defaultSampleType: strings.dedup('wall'),
    comment: [strings.dedup(`Python ${info.python}, process ${info.pid}: ${info.command}`)],
  }).encode()
  output.bytes(gzipSync(encoded, { level: 6 }))
}

interface Value {
  readonly type: string
  readonly unit: string
  readonly read: (row: number) => number
}

function chooseValues({ samples, wallUs, cpuUs, gilUs }: Totals): Value[] {
  const time = (type: string, column: Float64Array): Value => ({
    type,
    unit: 'nanoseconds',
    read: (row) => Math.round((column[row] as number) * 1000),
  })
  return [
    { type: 'samples', unit: 'count', read: (row) => samples[row] as number },
    time('wall', wallUs),
    ...(cpuUs.some((us) => us > 0) ? [time('cpu', cpuUs)] : []),
    ...(gilUs.some((us) => us > 0) ? [time('gil', gilUs)] : []),
  ]
}

function valueType(strings: StringTable, type: string, unit: string): ValueType {
  return new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) })
}

interface SampleSource {
  readonly tables: Tables
  readonly totals: Totals
  readonly strings: StringTable
  readonly values: readonly Value['read'][]
}

function toSamples({ threads }: Profile, { tables, totals, strings, values }: SampleSource): Sample[] {
  const thread = strings.dedup('thread')
  const threadId = strings.dedup('thread_id')
  const labels = threadLabels(threads).map((label, at) => [
    { key: thread, str: strings.dedup(label) },
    { key: threadId, num: threads[at]?.nativeId ?? 0 },
  ])
  return Array.from({ length: totals.length }, (_, row) => {
    const path = pathOf(tables.stacks, totals.stacks[row] as number)
    return new Sample({
      locationId: path.reverse().map((frame) => frame + 1),
      value: values.map((read) => read(row)),
      label: labels[totals.threads[row] as number] ?? [],
    })
  })
}

/** Every frame is a location, by its index and one: 0 is none in this format. */
function toPlaces({ frames }: Tables, strings: StringTable): { location: Location[]; function: PprofFunction[] } {
  const { functions, ofFrame } = findFunctions(frames)
  return {
    location: frames.map(({ line }, at) => {
      const functionId = (ofFrame[at] as number) + 1
      return new Location({ id: at + 1, line: [new Line({ functionId, line })] })
    }),
    function: functions.map(({ qualifiedName, file, firstLine }, at) => {
      const name = strings.dedup(qualifiedName)
      // Without a system name: pprof would take <module> for the arguments of a C++ template, and cut it off.
      return new PprofFunction({ id: at + 1, name, filename: strings.dedup(file), startLine: firstLine })
    }),
  }
}
