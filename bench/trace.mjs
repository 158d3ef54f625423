// `node bench/trace.mjs`: what a probe costs a hit, beside the other ways to see the same, in one run; and how long it takes
// from attaching to the first event. What a server under load notices of it is in trace-load.mjs. Nothing is asserted.
// A hit is measured in the CPU time of the target's own thread, so that a busy machine spoils it less.

import { attach } from '../dist/index.js'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'
import { setLogpoint } from './dap.mjs'
import { file, lineOf, start, traced } from './traced-target.mjs'

const HIT = lineOf('the line that is hit')
const NOT_HIT = lineOf('the line that is not hit')

const probes = {
  'remora, count': ['hot count'],
  'remora, line without values': [`traced.py:${HIT}`],
  'remora, two values': [`traced.py:${HIT} {x, order.id}`],
  'remora, arguments, result and time': ['hot'],
  'remora, time by a key': ['hot time by args.x % 2'],
  'remora, a probe on another function': ['cold {1}'],
  'remora, a line probe that is not hit': [`traced.py:${NOT_HIT} {x}`],
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
}

/** @param {string} python */
async function benchHits(python) {
  const program = await start([python], 'hits')
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
  const program = await start([python], 'hits')
  const port = await program.ask('debugpy 0')
  if (Number.isNaN(port)) print(name, 'left out', 'this interpreter cannot import it; it says why on stderr')
  else {
    const logpoint = await setLogpoint(port, { file, line: HIT, message: '{x} {order.id}' })
    const cost = await program.ask('nothing 300')
    // The function is timed five times.
    print(name, perHit(cost - base), `${await logpoint.logged(1_500)} of 1500 logged`)
    logpoint.close()
  }
  program.end()
}

/** @param {string} python */
async function benchFirstEvent(python) {
  const program = await start([python], 'functions')
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

/** @param {number} ns */
function perHit(ns) {
  return `${(ns / 1000).toFixed(2)} µs`
}

/** @param {string} what @param {string} value @param {string} [beside] */
function print(what, value, beside = '') {
  console.log(`  ${what.padEnd(50)} ${value.padStart(11)}  ${beside}`)
}
