// `node bench/trace.mjs`: what a probe costs a hit, beside the other ways to see the same, in one run; how long it takes
// from attaching to the first event; and what an HTTP server under load notices of it. Nothing is asserted.
// A hit is measured in the CPU time of the target's own thread, so that a busy machine spoils it less.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { attach } from '../dist/index.js'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'
import { setLogpoint } from './dap.mjs'

const AMPLE = { cpuShare: 100, eventsPerSecond: 1e9, bytesPerSecond: 1e12 }
const LOAD_MS = 4_000
const CONNECTIONS = 8
// Two minutes of 50 a minute.
const CYCLES = Number(process.env.REMORA_CYCLES ?? 100)
const CYCLE_MS = 1_200
const file = fileURLToPath(new URL('traced.py', import.meta.url))
const probes = {
  'remora, count': ['hot count'],
  'remora, line without values': ['traced.py:18'],
  'remora, two values': ['traced.py:18 {x, order.id}'],
  'remora, arguments, result and time': ['hot'],
  'remora, time by a key': ['hot time by args.x % 2'],
  'remora, a probe on another function': ['cold {1}'],
  'remora, a line probe that is not hit': ['traced.py:21 {x}'],
}

const NAMES = /** @type {Record<string, string>} */ ({
  settrace: 'sys.settrace, a local function that does nothing',
  print: 'a decorator with print',
  pdb: 'a pdb breakpoint with commands … c',
})

await setup()
for (const { name, version, path, debug } of findPythons()) {
  if (debug) continue
  console.log(`\n${name} (${version})`)
  await benchHits(path)
  await benchFirstEvent(path)
  await benchServer(path)
}

/** @param {string} python */
async function benchHits(python) {
  const program = await start(python, 'hits')
  const base = await program.ask('nothing 20000')
  print('a call of the function, without anything', `${base.toFixed(0)} ns`)
  for (const [name, texts] of Object.entries(probes)) {
    const cost = await traced(program.pid, texts, () => program.ask('nothing 3000'))
    print(name, perHit(cost - base))
  }
  for (const way of ['settrace', 'print', 'pdb']) {
    const cost = await program.ask(`${way} ${way === 'pdb' ? 300 : 3000}`)
    print(NAMES[way] ?? way, Number.isNaN(cost) ? 'not there' : perHit(cost - base))
  }
  program.end()
  await benchLogpoint(python, base)
}

/** The same two values by debugpy, which has to be there: REMORA_DEBUGPY names the directory that it is installed in. */
async function benchLogpoint(/** @type {string} */ python, /** @type {number} */ base) {
  const name = "debugpy's logpoint, two values"
  if (process.env.REMORA_DEBUGPY === undefined) {
    print(name, 'left out', 'set REMORA_DEBUGPY to DIR of: pip install --target DIR debugpy')
    return
  }
  const program = await start(python, 'hits')
  const port = await program.ask('debugpy 0')
  if (Number.isNaN(port)) print(name, 'left out', 'this interpreter cannot import it; it says why on stderr')
  else {
    const logpoint = await setLogpoint(port, { file, line: 18, message: '{x} {order.id}' })
    const cost = await program.ask('nothing 300')
    // The function is timed five times.
    print(name, perHit(cost - base), `${await logpoint.logged(1_500)} of 1500 logged`)
    logpoint.close()
  }
  program.end()
}

/** @param {string} python */
async function benchFirstEvent(python) {
  const program = await start(python, 'functions')
  const times = []
  for (let round = 0; round < 15; round++) {
    const target = await attach(program.pid)
    const started = performance.now()
    for await (const { event } of target.trace(['tick'], { count: 1 })) {
      if (event === 'return') times.push(performance.now() - started)
    }
    target.dispose()
  }
  const [median = 0] = times.toSorted((a, b) => a - b).slice(times.length >> 1)
  print('attach to first event, 20,000 functions loaded', `${median.toFixed(1)} ms`)
  program.end()
}

/** @param {string} python */
async function benchServer(python) {
  const program = await start(python, 'server')
  const port = await program.ask('port')
  await load(port)
  // One probe is on the function of all requests; a hundred are on functions that each request calls.
  const counting = Array.from({ length: 100 }, (_, index) => (index === 0 ? 'handle {path}' : `step_${index} count`))
  const showing = Array.from({ length: 100 }, (_, index) => `step_${index} {x}`)
  for (const [name, texts, budget] of /** @type {[string, string[], object?][]} */ ([
    ['no probes', []],
    ['1 probe', counting.slice(0, 1)],
    ['100 probes, 99 that count', counting],
    ['100 probes with values, past the budget', showing],
    ['the same, a hundredth of the budget', showing, { cpuShare: 0.0001, eventsPerSecond: 10 }],
    ['the same, without a budget', showing, AMPLE],
    ['no probes, again', []],
  ])) {
    const run = () => load(port)
    printLoad(name, texts.length === 0 ? await run() : await traced(program.pid, texts, run, budget ?? {}))
  }
  await benchCycles(program.pid, port)
  program.end()
}

/** Attaches and detaches again and again under load; what it does to the memory of the target. */
async function benchCycles(/** @type {number} */ pid, /** @type {number} */ port) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024
  const sizes = [rss()]
  const cycles = async () => {
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const next = performance.now() + CYCLE_MS
      await traced(pid, ['handle {path}', 'step_* count by function'], async () => {}, {})
      sizes.push(rss())
      await new Promise((resolve) => setTimeout(resolve, next - performance.now()))
    }
  }
  const [result] = await Promise.all([load(port, CYCLES * CYCLE_MS), cycles()])
  printLoad(`${CYCLES} times attached and detached, 50 a minute`, result, CYCLES * CYCLE_MS)
  const at = [0, 1, CYCLES >> 2, CYCLES >> 1, CYCLES].map((cycle) => `${sizes[cycle]?.toFixed(1)} MB at ${cycle}`)
  print('its memory meanwhile', '', at.join(', '))
}

/** @param {string} name @param {Awaited<ReturnType<typeof load>>} result */
function printLoad(name, { requests, failed, p99 }, ms = LOAD_MS) {
  const rate = `${((requests / ms) * 1000).toFixed(0)}/s`
  print(`server, ${name}`, rate, `p99 ${p99.toFixed(1)} ms, ${failed} failed`)
}

/** Closed loop: each connection asks again when it has its answer. @param {number} port */
async function load(port, ms = LOAD_MS) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const times = /** @type {number[]} */ ([])
  let failed = 0
  const until = performance.now() + ms
  const client = async () => {
    while (performance.now() < until) {
      const started = performance.now()
      const ok = await request(port, agent)
      if (ok) times.push(performance.now() - started)
      else failed++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, client))
  agent.destroy()
  times.sort((a, b) => a - b)
  return { requests: times.length, failed, p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN }
}

/** @param {number} port @param {http.Agent} agent @returns {Promise<boolean>} */
function request(port, agent) {
  return new Promise((resolve) => {
    const call = http.get({ port, agent, path: '/order' }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
    call.on('error', () => resolve(false))
  })
}

/**
 * What `measure` returns while the probes are on.
 * @template T
 * @param {number} pid
 * @param {string[]} texts
 * @param {() => Promise<T>} measure
 * @param {object} [budget]
 * @returns {Promise<T>}
 */
async function traced(pid, texts, measure, budget = AMPLE) {
  const target = await attach(pid)
  const stop = new AbortController()
  const result = /** @type {{ value?: T }} */ ({})
  let attached = 0
  let running
  for await (const { event } of target.trace(texts, { budget, signal: stop.signal })) {
    if (event !== 'attached' || ++attached < texts.length) continue
    running = measure().then((value) => {
      result.value = value
      stop.abort()
    })
  }
  await running
  target.dispose()
  return /** @type {T} */ (result.value)
}

/** @param {string} python @param {string} what */
async function start(python, what) {
  const child = spawn(python, [file, what], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYDEVD_DISABLE_FILE_VALIDATION: '1' },
  })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  return {
    pid: Number(child.pid),
    /** @param {string} question */
    ask: async (question) => {
      child.stdin.write(`${question}\n`)
      return Number((await lines.next()).value)
    },
    end: () => child.kill('SIGKILL'),
  }
}

/** @param {number} ns */
function perHit(ns) {
  return `${(ns / 1000).toFixed(2)} µs`
}

/** @param {string} what @param {string} value @param {string} [beside] */
function print(what, value, beside = '') {
  console.log(`  ${what.padEnd(50)} ${value.padStart(11)}  ${beside}`)
}
