// `node bench/trace-load.mjs`: what a program notices of probes. First one that only computes, in CPU time and in waiting for
// the GIL, which a busy machine spoils least. Then an HTTP server under load: a client in a closed loop, and Remora, are
// kept to one core, which leaves the other to the server, which is not kept there, as threads that share one core and a GIL
// wait for each other by chance. Before and after each measured phase there is one without probes, which it is held
// against: machines change from minute to minute. Then it is attached to again and again, and its memory looked at.
// REMORA_ROUNDS, REMORA_CYCLES and REMORA_CONNECTIONS set how often and how much; the defaults take five minutes for an
// interpreter. Nothing is asserted.

import { spawn, spawnSync } from 'node:child_process'
import os from 'node:os'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'
import { start, traced } from './traced-target.mjs'

/** `cpu`: microseconds of the server a request. @typedef {{ rate: number, failed: number, p50: number, p99: number, cpu: number }} Load */

const PHASE_MS = 1_500
const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 5)
// Two minutes of 50 a minute.
const CYCLES = Number(process.env.REMORA_CYCLES ?? 100)
const CYCLE_MS = 1_200
const CLIENT_CORE = '1'
const EVERY_CORE = `0-${os.availableParallelism() - 1}`
const clientFile = fileURLToPath(new URL('load-client.mjs', import.meta.url))
const compilingFile = fileURLToPath(new URL('compiling.py', import.meta.url))

/** @param {(index: number) => string} toText */
const hundred = (toText) => Array.from({ length: 100 }, (_, index) => toText(index))

// Each request calls `handle`, all functions `step_…`, and one of the functions `turn_…`. A server stays within its budget
// with the first and the third; the others are far above it, as all of them are for a program that does nothing else.
const phases = /** @type {[string, string[], object?][]} */ ([
  ['1 probe that counts', ['handle count']],
  ['1 probe with a value', ['handle {path}']],
  ['100 that count, one hit at a time', hundred((index) => `turn_${index} count`)],
  ['100 that count', hundred((index) => `step_${index} count`)],
  ['100 with values', hundred((index) => `step_${index} {x}`)],
  [
    'the same, a hundredth of the budget',
    hundred((index) => `step_${index} {x}`),
    { cpuShare: 0.0001, eventsPerSecond: 10 },
  ],
])

await setup()
// Its children as well.
spawnSync('taskset', ['-a', '-c', '-p', CLIENT_CORE, String(process.pid)])
for (const { name, version, path, debug } of findPythons()) {
  if (debug) continue
  console.log(`\n${name} (${version}), medians of ${ROUNDS} rounds`)
  await benchComputing(path)
  const program = await start(['taskset', '-c', EVERY_CORE, path], 'server')
  const client = startClient(await program.ask('port'))
  const load = (ms = PHASE_MS) => measureLoad(program, client, ms)
  await load()
  await benchPhases(program.pid, load)
  if (CYCLES > 0) await benchCycles(program, load)
  client.end()
  program.end()
  if (CYCLES > 0) showCompiling(path)
}

/** @param {string} python */
async function benchComputing(python) {
  const program = await start(['taskset', '-c', EVERY_CORE, python], 'computing')
  const spin = async () => (await program.say(String(PHASE_MS / 1000))).split(' ').map(Number)
  const measured = phases.map(() => /** @type {{ during: number[], without: number }[]} */ ([]))
  let [before = 0] = await spin()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, texts, budget]] of phases.entries()) {
      const during = await traced(program.pid, texts, spin, budget ?? {})
      const [after = 0] = await spin()
      measured[index]?.push({ during, without: (before + after) / 2 })
      before = after
    }
  }
  program.end()
  print('A program that computes', ['CALL', 'MORE', '(quartiles)', 'OTHER THREADS', 'FOR THE GIL'])
  for (const [index, [name]] of phases.entries()) {
    const rows = measured[index] ?? []
    const more = quartiles(rows.map(({ during: [call = 0], without }) => call / without - 1))
    const middle = (/** @type {number} */ column) => quartiles(rows.map(({ during }) => during[column] ?? 0))[1]
    const cells = [`${(middle(0) / 1000).toFixed(2)} µs`, percent(more[1]), `${percent(more[0])} … ${percent(more[2])}`]
    print(name, [...cells, percent(middle(1)), percent(middle(2))])
  }
}

/** @param {number} pid @param {(ms?: number) => Promise<Load>} load */
async function benchPhases(pid, load) {
  const measured = phases.map(() => /** @type {{ traced: Load, without: Load }[]} */ ([]))
  let before = await load()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, texts, budget]] of phases.entries()) {
      const during = await traced(pid, texts, load, budget ?? {})
      const after = await load()
      measured[index]?.push({ traced: during, without: between(before, after) })
      before = after
    }
  }
  print('A server', ['REQUESTS', 'LOSS', '(quartiles)', 'CPU', '(quartiles)', 'p99 ms', 'without', 'FAILED'])
  print('no probes', toCells(measured.flat().map(({ without }) => ({ traced: without, without }))))
  for (const [index, [name]] of phases.entries()) print(name, toCells(measured[index] ?? []))
}

/** @param {readonly { traced: Load, without: Load }[]} rows */
function toCells(rows) {
  const middle = (/** @type {(row: { traced: Load, without: Load }) => number} */ value) =>
    quartiles(rows.map(value))[1]
  const losses = quartiles(rows.map((row) => 1 - row.traced.rate / row.without.rate))
  const costs = quartiles(rows.map((row) => row.traced.cpu / row.without.cpu - 1))
  return [
    `${middle((row) => row.traced.rate).toFixed(0)}/s`,
    ...[percent(losses[1]), `${percent(losses[0])} … ${percent(losses[2])}`],
    ...[percent(costs[1]), `${percent(costs[0])} … ${percent(costs[2])}`],
    middle((row) => row.traced.p99).toFixed(2),
    middle((row) => row.without.p99).toFixed(2),
    String(rows.reduce((sum, row) => sum + row.traced.failed, 0)),
  ]
}

/**
 * Attaches and detaches again and again under load.
 * @param {Awaited<ReturnType<typeof start>>} program
 * @param {(ms?: number) => Promise<Load>} load
 */
async function benchCycles(program, load) {
  const before = await load(PHASE_MS * 4)
  const sizes = [await memory(program)]
  const cycles = async () => {
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const next = performance.now() + CYCLE_MS
      await traced(program.pid, ['handle {path}', 'step_* count by function'], async () => {}, {})
      sizes.push(await memory(program))
      await new Promise((resolve) => setTimeout(resolve, next - performance.now()))
    }
  }
  const [during] = await Promise.all([load(CYCLES * CYCLE_MS), cycles()])
  const without = between(before, await load(PHASE_MS * 4))
  print(`attached ${CYCLES} times, 50 a minute`, toCells([{ traced: during, without }]))
  for (const cycle of new Set([0, 1, 2, CYCLES >> 2, CYCLES >> 1, CYCLES])) {
    const [rss, blocks, names] = sizes[cycle] ?? []
    console.log(
      `  after ${String(cycle).padStart(3)}: ${rss} kB resident, ${blocks} blocks in use, ${names} interned names`,
    )
  }
}

/** What it holds when its garbage has been collected. @param {Awaited<ReturnType<typeof start>>} program */
async function memory(program) {
  return (await program.say('memory')).split(' ')
}

/** The same as attaching does to a program's memory, without Remora. @param {string} python */
function showCompiling(python) {
  const { stdout } = spawnSync(python, [compilingFile, String(CYCLES)], { encoding: 'utf8' })
  console.log(`  without Remora, an interpreter that compiles as much as often:\n${stdout.trimEnd()}`)
}

/** @param {number} port */
function startClient(port) {
  const child = spawn(process.execPath, [clientFile, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    /** @param {number} ms @returns {Promise<Omit<Load, 'cpu'> & { requests: number }>} */
    load: async (ms) => {
      child.stdin.write(`${ms}\n`)
      return JSON.parse(String((await lines.next()).value))
    },
    end: () => child.stdin.end(),
  }
}

/**
 * @param {Awaited<ReturnType<typeof start>>} program
 * @param {ReturnType<typeof startClient>} client
 * @param {number} ms
 * @returns {Promise<Load>}
 */
async function measureLoad(program, client, ms) {
  const before = await program.ask('cpu')
  const { requests, ...seen } = await client.load(ms)
  return { ...seen, cpu: ((await program.ask('cpu')) - before) / requests }
}

/** @param {Load} one @param {Load} other @returns {Load} */
function between(one, other) {
  const mean = (/** @type {keyof Load} */ key) => (one[key] + other[key]) / 2
  return { rate: mean('rate'), failed: one.failed + other.failed, p50: mean('p50'), p99: mean('p99'), cpu: mean('cpu') }
}

/** @param {readonly number[]} numbers @returns {[number, number, number]} */
function quartiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (/** @type {number} */ part) => sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN
  return [at(0.25), at(0.5), at(0.75)]
}

/** @param {number} part */
function percent(part) {
  return `${(part * 100).toFixed(1)} %`
}

/** @param {string} name @param {readonly string[]} cells */
function print(name, cells) {
  const widths = [9, 8, 18, cells.length < 6 ? 15 : 8, 18, 8, 8, 8]
  console.log(`  ${name.padEnd(36)}${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')}`)
}
