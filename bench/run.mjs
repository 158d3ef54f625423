// `npm run bench`: what Remora costs, beside the standard library's own tools in the same minutes, as medians and
// ratios. Nothing is asserted: machines differ, and a busy one doubles every number.

import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { attach } from '../dist/index.js'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'

// Not needed here, and it alone adds 30 ms to every start of Node.
delete process.env.NODE_EXTRA_CA_CERTS

const ROUNDS = 21
const cli = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url))
const node = [process.execPath, '-e', '0']
/** As in container images that leave out the compiled library, for a user who may not write it. */
const WITHOUT_PYC = ['-B', '-X', 'pycache_prefix=/nonexistent']

await setup()
for (const { name, version, path, debug } of findPythons()) {
  if (debug) continue
  console.log(`\n${name} (${version})`)
  await withTarget(path, ['busy.py'], (pid) => benchExec(path, pid))
  await withTarget(path, ['parked.py', '1', '20'], (pid) => benchStack(path, version, pid))
  await withTarget(path, ['tasks.py', '100'], (pid) => benchTasks(path, pid))
  await withTarget(path, ['tasks.py', '100'], (pid) => benchInspect(pid))
  for (const [threads, frames] of /** @type {const} */ ([
    [1, 100],
    [50, 20],
    [50, 100],
    [200, 100],
  ])) {
    await withTarget(path, ['parked.py', String(threads), String(frames)], async (pid) => {
      const us = await medianStackUs(pid, 30)
      print(
        `library stack(), ${threads} threads x ${frames} frames`,
        `${us.toFixed(0)} us`,
        `${(us / threads / frames).toFixed(2)} us a frame`,
      )
    })
  }
}

/** @param {string} python @param {string} pid */
async function benchExec(python, pid) {
  const target = await attach(Number(pid))
  await target.exec('0')
  const times = []
  for (let round = 0; round < 300; round++) times.push(await timed(() => target.exec('0')))
  print('library exec on a busy target', ms(median(times)))
  print('repl line on a busy target', ms(await medianLineMs(target)))
  target.dispose()
  const exec = [process.execPath, cli, 'exec', pid, '-c', '0']
  const pdb = ['-m', 'pdb', '-p', pid, '-c', 'q']
  const [nodeMs = 0, execMs = 0, pdbMs = 0, coldMs = 0] = interleave([
    node,
    exec,
    [python, ...pdb],
    [python, ...WITHOUT_PYC, ...pdb],
  ])
  print('node -e 0', ms(nodeMs))
  print('remora exec -c 0, whole process', ms(execMs), `${(execMs / nodeMs).toFixed(2)} x node -e 0`)
  const session = ['-c', 'where', '-c', 'q']
  const ours = [process.execPath, cli, 'pdb', pid, ...session]
  const theirs = ['-m', 'pdb', '-p', pid, ...session]
  const [ourSessionMs = 0, theirSessionMs = 0, coldSessionMs = 0] = interleave([
    ours,
    [python, ...theirs],
    [python, ...WITHOUT_PYC, ...theirs],
  ])
  print('remora pdb -c where -c q, whole process', ms(ourSessionMs))
  print(
    'python -m pdb -p PID -c where -c q',
    ms(theirSessionMs),
    `remora takes ${percent(ourSessionMs, theirSessionMs)}`,
  )
  print('the same without .pyc files', ms(coldSessionMs), `remora takes ${percent(ourSessionMs, coldSessionMs)}`)
  print('python -m pdb -p PID -c q, whole process', ms(pdbMs), `${(pdbMs / execMs).toFixed(2)} x remora exec`)
  print('the same without .pyc files', ms(coldMs), `${(coldMs / execMs).toFixed(2)} x remora exec`)
}

/** @param {import('../dist/index.js').Target} target */
async function medianLineMs(target) {
  const repl = await target.repl()
  if (repl === undefined) throw new Error('the target reached no safe point')
  const times = []
  for (let round = 0; round < 300; round++) times.push(await timed(() => repl.run('round = 1')))
  await repl[Symbol.asyncDispose]()
  return median(times)
}

/** @param {string} python @param {string} version @param {string} pid */
async function benchStack(python, version, pid) {
  print('library stack(), 1 thread x 20 frames', `${(await medianStackUs(pid, 1000)).toFixed(0)} us`)
  const stack = [process.execPath, cli, 'stack', pid]
  const dump = [python, '-m', 'profiling.sampling', 'dump', pid]
  const hasDump = !version.startsWith('3.14.')
  const [nodeMs = 0, stackMs = 0, dumpMs = 0] = interleave(hasDump ? [node, stack, dump] : [node, stack])
  print('remora stack, whole process', ms(stackMs), `${(stackMs / nodeMs).toFixed(2)} x node -e 0`)
  if (hasDump)
    print('profiling.sampling dump, whole process', ms(dumpMs), `${(dumpMs / stackMs).toFixed(2)} x remora stack`)
}

/** @param {string} python @param {string} pid */
async function benchTasks(python, pid) {
  const target = await attach(Number(pid))
  const times = []
  for (let round = 0; round < 100; round++) times.push(await timed(() => target.tasks()))
  print('library tasks(), 100 tasks', ms(median(times)))
  target.dispose()
  const tasks = [process.execPath, cli, 'tasks', pid]
  const ps = [python, '-m', 'asyncio', 'ps', pid]
  const [nodeMs = 0, tasksMs = 0, psMs = 0] = interleave([node, tasks, ps])
  print('remora tasks, whole process', ms(tasksMs), `${(tasksMs / nodeMs).toFixed(2)} x node -e 0`)
  print('python -m asyncio ps, whole process', ms(psMs), `${(psMs / tasksMs).toFixed(2)} x remora tasks`)
}

/** There is no tool of the standard library to compare it with. @param {string} pid */
async function benchInspect(pid) {
  const target = await attach(Number(pid))
  for (const path of ['table', "table['key50'][1]", '@main', '@task:Task-50']) {
    const times = []
    for (let round = 0; round < 200; round++) times.push(await timed(() => target.inspect(path)))
    print(`library inspect(${JSON.stringify(path)})`, ms(median(times)))
  }
  target.dispose()
  const [nodeMs = 0, inspectMs = 0] = interleave([node, [process.execPath, cli, 'inspect', pid, 'table']])
  print('remora inspect, whole process', ms(inspectMs), `${(inspectMs / nodeMs).toFixed(2)} x node -e 0`)
}

/** @param {string} pid @param {number} rounds */
async function medianStackUs(pid, rounds) {
  const target = await attach(Number(pid))
  const times = []
  for (let round = 0; round < rounds * 2; round++) times.push(await timed(() => target.stack({ source: false })))
  target.dispose()
  // The first half is warming up.
  return median(times.slice(rounds)) * 1000
}

/** @param {string} python @param {string[]} program @param {(pid: string) => Promise<void>} measure */
async function withTarget(python, [file = '', ...words], measure) {
  const script = fileURLToPath(new URL(file, import.meta.url))
  const target = spawn(python, [script, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await new Promise((resolve) => target.stdout.once('data', resolve))
    await measure(String(target.pid))
  } finally {
    target.kill('SIGKILL')
  }
}

/** Medians of the wall times of commands, run in turns, so that all meet the same moods of the machine. @param {string[][]} commands */
function interleave(commands) {
  const times = commands.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [command = '', ...words]] of commands.entries()) {
      const start = performance.now()
      spawnSync(command, words, { stdio: 'ignore' })
      times[index]?.push(performance.now() - start)
    }
  }
  return times.map(median)
}

/** @param {() => unknown} run */
async function timed(run) {
  const start = performance.now()
  await run()
  return performance.now() - start
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** @param {number} value */
function ms(value) {
  return `${value.toFixed(2)} ms`
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return `${((part / whole) * 100).toFixed(0)} % of it`
}

/** @param {string} what @param {string} value @param {string} [beside] */
function print(what, value, beside = '') {
  console.log(`  ${what.padEnd(44)} ${value.padStart(11)}  ${beside}`)
}
