// The runs of a recording, block by block. Bytes and columns are used again for each block: a long recording has tens of
// millions of runs, and to touch new memory for them would cost more than to decode them.

import fs from 'node:fs'
import { emptyRuns, type SampleRuns } from '../profile.js'

/** A block's payload in the file. */
export interface Block {
  readonly at: number
  readonly length: number
}

/** Each piece is good until the next one is asked for. */
export function* readRuns(file: number, blocks: readonly Block[]): Generator<SampleRuns> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, ...blocks.map(({ length }) => length)))
  let columns = emptyRuns(0)
  for (const { at, length } of blocks) {
    const payload = readAt(file, at, bytes.subarray(0, length))
    const [count, first] = readCount(payload)
    if (count > columns.length) columns = emptyRuns(count)
    yield decodeRuns(payload, first, count < columns.length ? shorten(columns, count) : columns)
  }
}

/** Fills `bytes` from the file, and returns as much of them as there is. */
export function readAt(file: number, at: number, bytes: Buffer): Buffer {
  let count = 0
  while (count < bytes.length) {
    const read = fs.readSync(file, bytes, count, bytes.length - count, at + count)
    if (read === 0) break
    count += read
  }
  return bytes.subarray(0, count)
}

const COLUMNS = 6

/** How many runs there are, and where the first column begins. */
function readCount(bytes: Buffer): [count: number, first: number] {
  const number = new Float64Array(1)
  const first = decodeVarints(bytes, 0, number)
  // Each of their numbers takes at least a byte.
  return [Math.min(number[0] as number, Math.floor(bytes.length / COLUMNS)), first]
}

function decodeRuns(bytes: Buffer, first: number, runs: SampleRuns): SampleRuns {
  const { length, startUs, endUs, threads, stacks, counts, flags } = runs
  let at = first
  for (const column of [startUs, endUs, threads, stacks, counts, flags]) at = decodeVarints(bytes, at, column)
  // What they are in the file: time since the start of the run before, and durations.
  for (let run = 0, start = 0; run < length; run++) {
    start += startUs[run] as number
    startUs[run] = start
    endUs[run] = start + (endUs[run] as number)
  }
  return runs
}

/** Fills `column` with varints from `at` on, and returns what follows. Past the end they are zeros. */
function decodeVarints(bytes: Buffer, at: number, column: Float64Array | Uint32Array | Uint8Array): number {
  let next = at
  for (let index = 0; index < column.length; index++) {
    let byte = bytes[next++] ?? 0
    if (byte < 0x80) {
      column[index] = byte
      continue
    }
    let value = byte & 0x7f
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[next++] ?? 0
      value += (byte & 0x7f) * factor
    }
    column[index] = value
  }
  return next
}

function shorten(runs: SampleRuns, length: number): SampleRuns {
  return {
    length,
    startUs: runs.startUs.subarray(0, length),
    endUs: runs.endUs.subarray(0, length),
    threads: runs.threads.subarray(0, length),
    stacks: runs.stacks.subarray(0, length),
    counts: runs.counts.subarray(0, length),
    flags: runs.flags.subarray(0, length),
  }
}
