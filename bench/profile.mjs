// `node bench/profile.mjs`: the sampler beside the one of CPython 3.15, on the same process in the same minutes: how many
// stacks each unwinds for a second of CPU time as fast as it can, and at fixed rates what each reaches and takes. Both
// take turns, and what is printed are medians, of the ratios too. Nothing is asserted: machines differ. With words
// (`unwinding`, `deep`, `rates`, `cost`) only these parts are run.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'

delete process.env.NODE_EXTRA_CA_CERTS

const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 7)
const SECONDS = 1
const cli = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url))

await setup()
const python = findPythons().find(({ version, debug }) => version.startsWith('3.15.') && !debug)?.path
if (python === undefined) throw new Error('this needs a python3.15')

/** @param {string} how @param {number} threads @param {number} frames */
async function benchUnwinding(how, threads, frames) {
  const target = await startProgram('deep.py', String(threads), String(frames), how)
  const ours = new Runner([process.execPath, file('sampler.mjs'), String(target.pid)])
  const theirs = new Runner([/** @type {string} */ (python), file('unwinder.py'), String(target.pid)])
  // The first turn of each is warming up.
  const turns = []
  for (let round = 0; round <= ROUNDS; round++) turns.push([await theirs.turn(), await ours.turn()])
  const speeds = turns.slice(1)
  const [their, our] = [0, 1].map((who) => median(speeds.map((turn) => turn[who]?.speed ?? 0)))
  const [theirFailed, ourFailed] = [0, 1].map((who) => median(speeds.map((turn) => turn[who]?.failed ?? 0)))
  const ratio = median(speeds.map(([a, b]) => (b?.speed ?? 0) / (a?.speed ?? 1)))
  const faster = Number.isFinite(ratio) ? `ratio ${ratio.toFixed(2)}` : ''
  for (const process of [ours, theirs]) process.end()
  target.end()
  const name = `${how}, ${threads} x ${frames} frames`
  const us = `remora ${thousands(our ?? 0)} (${percent(ourFailed ?? 0)} failed)`
  const them = `unwinder ${thousands(their ?? 0)} (${percent(theirFailed ?? 0)} failed)`
  console.log(`  ${name.padEnd(28)} ${us}  ${them}  ${faster}`)
}

/** A process that samples whenever it is its turn, and is stopped in between. */
class Runner {
  #child
  #last = [0, 0, 0]

  /** @param {string[]} command */
  constructor([command = '', ...words]) {
    this.#child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child.kill('SIGSTOP')
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#last = line.split(' ').map(Number)
    })
  }

  /** Stacks for each second of CPU time, and the share of those that failed. */
  async turn() {
    const [samples = 0, failed = 0, cpu = 0] = this.#last
    this.#child.kill('SIGCONT')
    await pause(SECONDS * 1000)
    this.#child.kill('SIGSTOP')
    await pause(50)
    const [samplesNow = 0, failedNow = 0, cpuNow = 0] = this.#last
    const [got, lost] = [samplesNow - samples, failedNow - failed]
    return { speed: got / (cpuNow - cpu), failed: lost / Math.max(got + lost, 1) }
  }

  end() {
    this.#child.kill('SIGKILL')
  }
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`
}

/** @param {number} rate */
async function benchRate(rate) {
  const target = await startProgram('work.py')
  const lines = readline.createInterface({ input: target.stdout })
  let speed = 0
  lines.on('line', (line) => {
    speed = Number(line)
  })
  /** @type {Record<string, { rate: number[], cpu: number[], speed: number[] }>} */
  const results = {}
  const note = (/** @type {string} */ who, /** @type {number} */ reached, /** @type {number} */ cpu) => {
    results[who] ??= { rate: [], cpu: [], speed: [] }
    results[who].rate.push(reached)
    results[who].cpu.push(cpu)
    results[who].speed.push(speed)
  }
  for (let round = 0; round < Math.ceil(ROUNDS / 2); round++) {
    await pause(3000)
    note('alone', 0, 0)
    for (const [who, run] of tools) {
      const { rounds, cpuMs } = await run(target.pid, rate, 3)
      note(who, rounds / 3, cpuMs / 3000)
    }
  }
  target.end()
  const alone = median(results.alone?.speed ?? [])
  for (const [who, { rate: reached, cpu, speed: speeds }] of Object.entries(results)) {
    if (who === 'alone') continue
    const slowdown = (100 * (1 - median(speeds) / alone)).toFixed(1)
    const share = (100 * median(cpu)).toFixed(1)
    console.log(
      `  ${rate} Hz ${who.padEnd(20)} ${thousands(median(reached))}  ${share} % of a CPU  ${slowdown} % slower`,
    )
  }
}

/** What a recording takes to start and end, and what each second of it takes, from short ones and longer ones. */
async function benchCost() {
  const [short, long] = [3, 9]
  const target = await startProgram('work.py')
  for (const [who, run] of tools) {
    const takes = { short: /** @type {number[]} */ ([]), long: /** @type {number[]} */ ([]) }
    for (let round = 0; round < Math.ceil(ROUNDS / 3); round++) {
      takes.short.push((await run(target.pid, 1000, short)).cpuMs)
      takes.long.push((await run(target.pid, 1000, long)).cpuMs)
    }
    const aSecond = (median(takes.long) - median(takes.short)) / (long - short)
    const start = median(takes.short) - aSecond * short
    console.log(
      `  ${who.padEnd(20)} ${(aSecond / 10).toFixed(1)} % of a CPU, and ${Math.round(start)} ms to start and end`,
    )
  }
  target.end()
}

/** @typedef {(pid: number, rate: number, seconds: number) => Promise<{ rounds: number, cpuMs: number }>} Tool */

/** How each of the two records: its rounds, and the CPU time of its whole process. @type {[string, Tool][]} */
const tools = [
  [
    'remora',
    async (pid, rate, seconds) => {
      const words = ['record', String(pid), '-r', String(rate), '-d', String(seconds), '--json']
      const { stdout, cpuMs } = await runFor([process.execPath, cli, ...words])
      return { rounds: JSON.parse(stdout).rounds, cpuMs }
    },
  ],
  [
    'profiling.sampling',
    async (pid, rate, seconds) => {
      const output = path.join(os.tmpdir(), `remora-bench-${process.pid}.collapsed`)
      const words = ['-r', String(rate), '-d', String(seconds), '--collapsed', '-o', output, String(pid)]
      const { stdout, cpuMs } = await runFor([
        /** @type {string} */ (python),
        '-m',
        'profiling.sampling',
        'attach',
        ...words,
      ])
      fs.rmSync(output, { force: true })
      return { rounds: Number(/Captured ([\d,]+) samples/.exec(stdout)?.[1]?.replaceAll(',', '')), cpuMs }
    },
  ],
]

/** Runs a command and says what it printed and the CPU time that it took. @param {string[]} command */
async function runFor([command = '', ...words]) {
  const before = childCpuMs()
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  child.stdout.on('data', (piece) => {
    stdout += piece
  })
  child.stderr.resume()
  await new Promise((resolve) => child.once('close', resolve))
  return { stdout, cpuMs: childCpuMs() - before }
}

/** CPU time of all children that have ended. */
function childCpuMs() {
  const stat = fs.readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // In hundredths of a second.
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** @param {string} name @param {string[]} words */
async function startProgram(name, ...words) {
  const child = spawn(/** @type {string} */ (python), [file(name), ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await pause(200)
  return { pid: Number(child.pid), stdout: child.stdout, end: () => child.kill('SIGKILL') }
}

/** @param {string} name */
function file(name) {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** @param {number[] | undefined} values */
function median(values = []) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** @param {number} value */
function thousands(value) {
  return Math.round(value).toLocaleString('en-US').padStart(9)
}

const parts = process.argv.slice(2)
/** @param {string} part */
const isWanted = (part) => parts.length === 0 || parts.includes(part)

if (isWanted('unwinding')) {
  console.log(`stacks for each second of CPU time, all threads, ${ROUNDS} turns of ${SECONDS} s each`)
  for (const how of ['unchanging', 'changing']) {
    for (const threads of [1, 16]) {
      for (const frames of [20, 100]) await benchUnwinding(how, threads, frames)
    }
  }
}
if (isWanted('deep')) {
  console.log(
    '\nthe same of very deep stacks: 300 calls up and down all the time, or all of them; and of very many threads',
  )
  for (const how of ['unchanging', 'changing', 'hopping', 'swinging']) await benchUnwinding(how, 1, 10_000)
  for (const how of ['unchanging', 'changing']) await benchUnwinding(how, 500, 20)
}
if (isWanted('rates')) {
  console.log('\nat fixed rates, one thread: rounds a second, CPU of the profiler, slowdown of the program')
  for (const rate of [1000, 10_000, 50_000]) await benchRate(rate)
}
if (isWanted('cost')) {
  console.log('\nat 1000 Hz, one thread: what each second takes, and what the rest does')
  await benchCost()
}
