// A recording comes back as it was written; cut off or damaged anywhere, it comes back up to there or is refused.

import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/harness/temporary.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { SampleRuns } from '../profile.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { MAGIC } from './layout.js'
import { openRecording } from './read-recording.js'
import { RecordingWriter } from './write-recording.js'

const info = {
  pid: 7,
  python: '3.15.0',
  command: 'python größe.py',
  startedAt: '2026-11-24T12:00:00.000Z',
  intervalUs: 1000,
  mode: 'wall',
} as const

const frame = (name: string, line: number) => ({
  function: name,
  qualifiedName: `Ding.${name}`,
  file: '/срв/app.py',
  firstLine: 1,
  line,
  endLine: line,
  column: 4,
  endColumn: -1,
})

function runsOf(rows: readonly (readonly [number, number, number, number, number, number])[]): SampleRuns {
  const column = (at: number): number[] => rows.map((row) => row[at] as number)
  return {
    length: rows.length,
    startUs: Float64Array.from(column(0)),
    endUs: Float64Array.from(column(1)),
    threads: Uint32Array.from(column(2)),
    stacks: Uint32Array.from(column(3)),
    counts: Uint32Array.from(column(4)),
    flags: Uint8Array.from(column(5)),
  }
}

const quality = {
  rounds: 3,
  samples: 5,
  failed: 1,
  late: 0,
  rateHz: 999,
  intervalUs: { p50: 1, p95: 2, p99: 3, max: 4 },
}
const thread = { pid: 7, id: 140_000_000_000_000, nativeId: 7, name: '?', main: true }
const batches: SampleBatch[] = [
  {
    frames: [frame('a', 3), frame('b', 9)],
    stacks: { parents: Uint32Array.of(0, 1), frames: Uint32Array.of(0, 1) },
    threads: [[0, thread]],
    runs: runsOf([[0, 1000, 0, 1, 1, 2]]),
    durationMs: 1,
    quality,
  },
  {
    frames: [frame('c', 300)],
    stacks: { parents: Uint32Array.of(2), frames: Uint32Array.of(2) },
    threads: [[0, { ...thread, name: 'MainThread' }]],
    runs: runsOf([
      [1000, 4000, 0, 3, 3, 2],
      [4_000_000_000, 4_000_001_000, 0, 2, 1, 0],
    ]),
    durationMs: 4_000_001,
    quality: { ...quality, rounds: 5 },
  },
]

function writeAll(file: string): void {
  const writer = new RecordingWriter(file, info)
  for (const batch of batches) writer.append(batch, 12.34)
  writer.close()
}

test('what was written comes back', () => {
  const file = path.join(temporaryDirectory(), 'a.remora')
  writeAll(file)
  const recording = openRecording(file)
  expect(recording.info).toEqual({ ...info, durationMs: 4_000_001, sampling: { ...quality, rounds: 5, cpuMs: 12.3 } })
  expect(recording.frames).toEqual([frame('a', 3), frame('b', 9), frame('c', 300)])
  expect([...recording.stacks.parents.subarray(0, 4)]).toEqual([0, 0, 1, 2])
  expect([...recording.stacks.frames.subarray(1, 4)]).toEqual([0, 1, 2])
  expect(recording.stacks.length).toBe(4)
  expect(recording.threads).toEqual([{ ...thread, name: 'MainThread' }])
  // Twice, as each walk begins anew.
  for (const _ of [1, 2]) {
    const pieces = Array.from(recording.runs, (piece) => structuredClone(piece))
    expect(pieces).toEqual(batches.map(({ runs }) => runs))
  }
  expect(recording.trailingBytes).toBe(0)
  recording.close()
})

describe('a file that was cut off', () => {
  test('is read up to its last whole block, wherever that was', () => {
    const directory = temporaryDirectory()
    const [whole, cut] = [path.join(directory, 'whole'), path.join(directory, 'cut')]
    writeAll(whole)
    const bytes = fs.readFileSync(whole)
    let samples = 0
    for (let length = 0; length < bytes.length; length++) {
      fs.writeFileSync(cut, bytes.subarray(0, length))
      const found = countSamples(cut)
      if (found === undefined) expect(length).toBeLessThan(MAGIC.length + 9 + Buffer.byteLength(JSON.stringify(info)))
      else expect(found).toBeGreaterThanOrEqual(samples)
      samples = found ?? 0
    }
    expect(countSamples(whole)).toBe(5)
  })

  test('or damaged anywhere: a shorter profile or a RemoraError, nothing else', () => {
    const directory = temporaryDirectory()
    const [whole, damaged] = [path.join(directory, 'whole'), path.join(directory, 'damaged')]
    writeAll(whole)
    const bytes = fs.readFileSync(whole)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const copy = Buffer.from(bytes)
        copy[at] = (copy[at] as number) ^ flip
        fs.writeFileSync(damaged, copy)
        expect(countSamples(damaged) ?? 0).toBeLessThanOrEqual(5)
      }),
      { numRuns: 500 },
    )
  })
})

function countSamples(file: string): number | undefined {
  try {
    const recording = openRecording(file)
    let samples = 0
    for (const runs of recording.runs) for (const count of runs.counts) samples += count
    recording.close()
    return samples
  } catch (error) {
    expect(error).toBeInstanceOf(RemoraError)
    return undefined
  }
}

test('varints', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
      const writer = new ByteWriter()
      for (const number of numbers) writer.varint(number)
      const reader = new ByteReader(writer.bytes)
      expect(numbers.map(() => reader.varint())).toEqual(numbers)
    }),
  )
})

test('where nothing can be written, it says why', () => {
  expect(() => new RecordingWriter('/dev/full', info)).toThrow('cannot write /dev/full: the disk is full')
  expect(() => new RecordingWriter('/nowhere/a.remora', info)).toThrow('its directory does not exist')
})
