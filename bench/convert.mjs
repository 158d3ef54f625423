// `node bench/convert.mjs [format…]`: how long `remora convert` takes for ten million samples of 5,000 distinct stacks, the
// whole process, as medians. One recording has every sample as a run of its own, which is the worst there is; the other one
// has runs of ten on average. Nothing is asserted: machines differ.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { setup } from '../scripts/setup.mjs'

delete process.env.NODE_EXTRA_CA_CERTS

const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 5)
const SAMPLES = 10_000_000
const FORMATS = ['html', 'speedscope', 'pprof', 'firefox', 'perfetto', 'collapsed', 'callgrind', 'jsonl']
const root = fileURLToPath(new URL('..', import.meta.url))
const cli = path.join(root, 'dist/cli/main.cjs')

await setup({ pythons: false })
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remora-bench-'))
try {
  const writeRecording = await loadWriter()
  const chosen = process.argv.slice(2)
  for (const longest of [1, 19]) {
    const file = path.join(folder, `${longest}.remora`)
    const samples = writeRecording(file, { runs: Math.round(SAMPLES / ((1 + longest) / 2)), longest })
    const { size } = fs.statSync(file)
    console.log(`\n${samples} samples in runs of ${(1 + longest) / 2}, ${Math.round(size / 1e6)} MB`)
    for (const format of chosen.length > 0 ? chosen : FORMATS) benchFormat(file, format)
  }
} finally {
  fs.rmSync(folder, { recursive: true })
}

/** @param {string} file @param {string} format */
function benchFormat(file, format) {
  const output = path.join(folder, 'output')
  const wall = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [cli, 'convert', file, '-f', format, '-o', output])
    wall.push(performance.now() - start)
    if (status !== 0) throw new Error(String(stderr))
  }
  const megabytes = fs.statSync(output).size / 1e6
  console.log(
    `  ${format.padEnd(12)} ${median(wall).toFixed(0).padStart(6)} ms  ${megabytes.toFixed(1).padStart(7)} MB`,
  )
}

/** The writer of recordings and the maker of profiles, which are no part of the package. */
async function loadWriter() {
  const contents = `
    import { RecordingWriter } from './src/profile/recording/write-recording.ts'
    import { randomProfile } from './test/synthetic-profile.ts'
    export function write(file, options) {
      const { info, frames, stacks, threads, runs } = randomProfile(options)
      const writer = new RecordingWriter(file, info)
      let first = true
      for (const piece of runs) {
        writer.append({
          frames: first ? frames : [],
          stacks: first ? { parents: stacks.parents.slice(1), frames: stacks.frames.slice(1) } : { parents: [], frames: [] },
          threads: first ? [...threads.entries()] : [],
          runs: piece,
          durationMs: info.durationMs,
          quality: info.sampling,
        }, 0)
        first = false
      }
      writer.close()
      return info.sampling.samples
    }`
  const outfile = path.join(folder, 'writer.mjs')
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  })
  return (await import(pathToFileURL(outfile).href)).write
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
