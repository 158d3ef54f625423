// The file format of speedscope: one "sampled" profile a thread, which it shows in the order of time and left-heavy.
// Time in which a thread was not sampled is an empty stack. A frame is a function: by lines, it would be torn apart.

import type { Profile } from '../profile.js'
import { findFunctions } from './functions.js'
import { threadLabels } from './labels.js'
import type { Output } from './output.js'
import { type Timeline, timelinesOf } from './timelines.js'
import { pathOf, tablesOf } from './totals.js'

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'

/** Each run is written with its whole stack, and speedscope has to hold all of it. */
const MOST_RUNS = 500_000

export function writeSpeedscope(profile: Profile, output: Output): void {
  const { info, threads } = profile
  const tables = tablesOf(profile)
  const { functions, ofFrame } = findFunctions(tables.frames)
  const frames = functions.map(({ qualifiedName, file, firstLine }) => ({
    name: qualifiedName,
    ...(file === '' ? {} : { file }),
    ...(firstLine > 0 ? { line: firstLine } : {}),
  }))
  const paths = Array.from({ length: tables.stacks.length }, (_, stack) =>
    Buffer.from(JSON.stringify(pathOf(tables.stacks, stack).map((frame) => ofFrame[frame]))),
  )
  const labels = threadLabels(threads)
  output.text(`{"$schema":"${SCHEMA}","exporter":"remora","name":`).json(info.command)
  output.text(',"shared":{"frames":').json(frames).text('},"profiles":[')
  let comma = ''
  for (const timeline of timelinesOf(profile, tables, MOST_RUNS)) {
    output.text(`${comma}\n{"type":"sampled","name":`).json(labels[timeline.thread])
    writeSamples(timeline, paths, output)
    comma = ','
  }
  output.text(']}\n')
}

function writeSamples(timeline: Timeline, paths: readonly Buffer[], output: Output): void {
  const { length, stacks, startUs, endUs } = timeline
  const beginning = startUs[0] as number
  output.text(`,"unit":"microseconds","startValue":${beginning},"endValue":${endUs[length - 1]},"samples":[`)
  for (let run = 0, end = beginning; run < length; run++) {
    if (run > 0) output.byte(COMMA)
    if ((startUs[run] as number) > end) output.text('[],')
    output.bytes(paths[stacks[run] as number] as Buffer)
    end = endUs[run] as number
  }
  output.text('],"weights":[')
  for (let run = 0, end = beginning; run < length; run++) {
    const start = startUs[run] as number
    if (run > 0) output.byte(COMMA)
    if (start > end) output.integer(start - end).byte(COMMA)
    end = endUs[run] as number
    output.integer(end - start)
  }
  output.text(']}')
}

const COMMA = 44
