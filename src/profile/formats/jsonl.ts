// One JSON document a line: first the profile, then its tables, then what was sampled in the order of time, as columns
// of up to a thousand runs a line. Numbers in them are the `id`s of the tables' lines.

import type { Profile, SampleRuns } from '../profile.js'
import type { Output } from './output.js'

const RUNS_A_LINE = 1000
const COMMA = 44

export function writeJsonl({ info, frames, stacks, threads, runs }: Profile, output: Output): void {
  output.json({ type: 'profile', schema: 'remora.profile/1', ...info }).text('\n')
  for (const [id, frame] of frames.entries()) output.json({ type: 'frame', id, ...frame }).text('\n')
  for (let id = 1; id < stacks.length; id++) {
    output.json({ type: 'stack', id, parent: stacks.parents[id], frame: stacks.frames[id] }).text('\n')
  }
  for (const [id, { id: threadId, ...thread }] of threads.entries()) {
    output.json({ type: 'thread', id, threadId, ...thread }).text('\n')
  }
  for (const piece of runs) {
    for (let from = 0; from < piece.length; from += RUNS_A_LINE) {
      writeRuns(piece, { from, to: Math.min(from + RUNS_A_LINE, piece.length) }, output)
    }
  }
}

interface Range {
  readonly from: number
  readonly to: number
}

function writeRuns(piece: SampleRuns, range: Range, output: Output): void {
  output.text('{"type":"runs","threads":')
  writeColumn(piece.threads, range, output)
  output.text(',"stacks":')
  writeColumn(piece.stacks, range, output)
  output.text(',"startUs":')
  writeColumn(piece.startUs, range, output)
  output.text(',"endUs":')
  writeColumn(piece.endUs, range, output)
  output.text(',"samples":')
  writeColumn(piece.counts, range, output)
  output.text(',"flags":')
  writeColumn(piece.flags, range, output)
  output.text('}\n')
}

function writeColumn(column: Uint32Array | Float64Array | Uint8Array, { from, to }: Range, output: Output): void {
  output.text('[')
  for (let at = from; at < to; at++) {
    if (at > from) output.byte(COMMA)
    output.integer(Math.round(column[at] as number))
  }
  output.text(']')
}
