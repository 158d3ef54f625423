// One JSON document a line: first the profile, then its tables, then what was sampled in the order of time, as columns
// of up to a thousand runs a line. Numbers in them are the `id`s of the tables' lines.

import type { Profile, SampleRuns } from '../profile.js'
import type { Output } from './output.js'

const RUNS_A_LINE = 1000

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
    for (let from = 0; from < piece.length; from += RUNS_A_LINE) writeRuns(piece, from, output)
  }
}

function writeRuns(piece: SampleRuns, from: number, output: Output): void {
  const to = Math.min(from + RUNS_A_LINE, piece.length)
  output.text('{"type":"runs","threads":').integers(piece.threads.subarray(from, to))
  output.text(',"stacks":').integers(piece.stacks.subarray(from, to))
  const starts = piece.startUs.subarray(from, to)
  output.text(',"startUs":').integers(starts)
  output.text(',"durationUs":').integers(piece.endUs.subarray(from, to).map((end, at) => end - (starts[at] as number)))
  output.text(',"samples":').integers(piece.counts.subarray(from, to))
  output.text(',"flags":').integers(piece.flags.subarray(from, to))
  output.text('}\n')
}
