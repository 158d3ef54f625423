// An hour of twenty threads at 1 kHz, fed in at speed: gathered, written, read again and summed up within 300 MB.

import path from 'node:path'
import { expect, test } from 'vitest'
import { openRecording } from '../../../src/profile/recording/read-recording.js'
import { RecordingWriter } from '../../../src/profile/recording/write-recording.js'
import { summarize } from '../../../src/profile/summary.js'
import { RunCollector } from '../../../src/profile/tables/run-collector.js'
import { StackTree } from '../../../src/profile/tables/stack-tree.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const THREADS = 20
const STACKS = 5000
const MEGABYTE = 1024 * 1024
/** In the suite a minute of the hour: what grows with time would show there, too. */
const SECONDS = process.env.REMORA_ROUNDS === undefined ? 60 : 3600

test(`${SECONDS} s at 1 kHz × ${THREADS} threads`, { timeout: 600_000 }, () => {
  const file = path.join(temporaryDirectory(), 'hour.remora')
  const before = process.memoryUsage().rss
  let most = 0
  const measure = (): void => {
    most = Math.max(most, process.memoryUsage().rss - before)
  }
  const samples = writeHour(file, measure)
  const recording = openRecording(file)
  const started = performance.now()
  const summary = summarize(recording)
  console.log(`${summary.samples} samples summed up in ${(performance.now() - started).toFixed(0)} ms`)
  measure()
  recording.close()
  expect(summary.samples).toBe(samples)
  console.log(`${(most / MEGABYTE).toFixed(0)} MB more than before`)
  expect(most).toBeLessThan(300 * MEGABYTE)
})

/** Half of the threads wait, each of the others is somewhere else at every sample. Returns the number of samples. */
function writeHour(file: string, measure: () => void): number {
  const info = { pid: 1, python: '3.15.0', command: '', startedAt: '', intervalUs: 1000, mode: 'wall' } as const
  const writer = new RecordingWriter(file, info)
  const stacks = new StackTree()
  for (let stack = 1; stack < STACKS; stack++) stacks.child(Math.floor(stack / 3), stack % 500)
  const runs = new RunCollector()
  let random = 1
  for (let second = 0; second < SECONDS; second++) {
    for (let ms = 0; ms < 1000; ms++) {
      const nowUs = (second * 1000 + ms) * 1000
      for (let thread = 0; thread < THREADS; thread++) {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
        runs.add(thread, thread % 2 === 0 ? thread + 1 : 1 + (random % (STACKS - 1)), 0, nowUs)
      }
    }
    const first = second === 0
    writer.append(
      {
        frames: first ? Array.from({ length: 500 }, (_, at) => frame(at)) : [],
        stacks: {
          parents: first ? stacks.parents.slice(1, stacks.length) : new Uint32Array(),
          frames: first ? stacks.frames.slice(1, stacks.length) : new Uint32Array(),
        },
        threads: first ? Array.from({ length: THREADS }, (_, at) => [at, thread(at)] as const) : [],
        runs: runs.cut((second + 1) * 1e6, 1000),
        durationMs: second * 1000,
        quality: {
          rounds: 0,
          samples: 0,
          failed: 0,
          late: 0,
          rateHz: 0,
          intervalUs: { p50: 0, p95: 0, p99: 0, max: 0 },
        },
      },
      0,
    )
    measure()
  }
  writer.close()
  return SECONDS * 1000 * THREADS
}

function frame(at: number) {
  const name = `f${at}`
  return {
    function: name,
    qualifiedName: name,
    file: 'a.py',
    firstLine: at,
    line: at,
    endLine: at,
    column: 0,
    endColumn: 9,
  }
}

function thread(at: number) {
  return { pid: 1, id: at, nativeId: at, name: `t${at}`, main: at === 0 }
}
