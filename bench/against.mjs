// `node bench/against.mjs FOLDER`: this checkout beside another one of Remora, such as a worktree of an earlier commit. Both
// are built, and take turns on the same targets, so that both meet the same moods of the machine. A line has the medians
// of the other one and of this one, their ratio, and by how much the ratio of two halves of the rounds differs: what is
// smaller than that is noise. Nothing is asserted.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import koffi from 'koffi'
import { findPythons } from '../scripts/pythons.mjs'

const COMMAND_ROUNDS = Number(process.env.ROUNDS ?? 60)
const LIBRARY_ROUNDS = COMMAND_ROUNDS * 10
const RECORD_ROUNDS = Math.ceil(COMMAND_ROUNDS / 6)

// Not needed here, and it alone adds 30 ms to every start of Node.
delete process.env.NODE_EXTRA_CA_CERTS

const here = fileURLToPath(new URL('..', import.meta.url))
const other = process.argv[2]
if (other === undefined) throw new Error('name the folder of the other checkout: node bench/against.mjs FOLDER')
const folders = [path.resolve(other), here]
const clis = folders.map((folder) => path.join(folder, 'dist/cli/main.cjs'))
/** @type {(typeof import('../dist/index.js'))[]} */
const libraries = await Promise.all(folders.map((folder) => import(pathToFileURL(`${folder}/dist/index.js`).href)))

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'against-'))
for (const { name, version, path: python, debug, freeThreaded } of findPythons()) {
  if (debug || freeThreaded) continue
  console.log(`\n${name} (${version})${' '.repeat(30)} other        this     ratio`)
  await withTarget(python, ['parked.py', '1', '20'], async (pid) => {
    await compareCommands('stack', ['stack', pid])
    await compareLibraries('library stack()', pid, (target) => target.stack({ source: false }))
  })
  await withTarget(python, ['busy.py'], async (pid) => {
    await compareCommands('exec', ['exec', pid, '-c', '0'])
    await compareCommands('eval', ['eval', pid, '1'])
    await compareLibraries('library exec()', pid, (target) => target.exec('0'))
    await compareRecords(['record', pid, '--rate', '1000', '--duration', '3', '-o', path.join(scratch, 'out.remora')])
  })
}
fs.rmSync(scratch, { recursive: true })

/** Wall time of the whole process. @param {string} what @param {string[]} words */
async function compareCommands(what, words) {
  const rounds = await takeTurns(COMMAND_ROUNDS, clis, (cli) => {
    const start = performance.now()
    runCommand(cli, words)
    return performance.now() - start
  })
  print(`remora ${what}`, rounds, 'ms')
}

/** CPU time of the whole process, its worker included. @param {string[]} words */
async function compareRecords(words) {
  const rounds = await takeTurns(RECORD_ROUNDS, clis, (cli) => {
    const before = childrenCpuMs()
    runCommand(cli, words)
    return childrenCpuMs() - before
  })
  print('remora record, 1 kHz, 3 s: CPU', rounds, 'ms')
}

/** @param {string} what @param {string} pid @param {(target: import('../dist/index.js').Target) => unknown} act */
async function compareLibraries(what, pid, act) {
  const targets = await Promise.all(libraries.map((library) => library.attach(Number(pid))))
  const warm = async (/** @type {import('../dist/index.js').Target} */ target) => {
    const start = performance.now()
    await act(target)
    return (performance.now() - start) * 1000
  }
  await takeTurns(LIBRARY_ROUNDS, targets, warm)
  print(what, await takeTurns(LIBRARY_ROUNDS, targets, warm), 'us')
  for (const target of targets) target.dispose()
}

/**
 * @template T
 * @param {number} count
 * @param {T[]} competitors two of them; who begins changes from round to round
 * @param {(competitor: T) => number | Promise<number>} measure
 * @returns {Promise<number[][]>} what was measured, by competitor
 */
async function takeTurns(count, competitors, measure) {
  const results = competitors.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < count; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0]
    for (const index of order) results[index]?.push(await measure(/** @type {T} */ (competitors[index])))
  }
  return results
}

/** @param {string} cli @param {string[]} words */
function runCommand(cli, words) {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`${cli} ${words.join(' ')} ended with ${status}: ${stderr}`)
}

/** What all children that have ended have spent, by getrusage(2). */
function childrenCpuMs() {
  const RUSAGE_CHILDREN = -1
  const usage = Buffer.alloc(144)
  const getrusage = koffi.load(null).func('int getrusage(int who, _Out_ uint8_t *usage)')
  getrusage(RUSAGE_CHILDREN, usage)
  const timeAt = (/** @type {number} */ at) =>
    Number(usage.readBigInt64LE(at)) * 1e3 + Number(usage.readBigInt64LE(at + 8)) / 1e3
  return timeAt(0) + timeAt(16)
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

/** @param {string} what @param {number[][]} rounds @param {string} unit */
function print(what, [theirs = [], ours = []], unit) {
  const half = theirs.length >> 1
  const ratio = median(ours) / median(theirs)
  const spread = Math.abs(
    median(ours.slice(0, half)) / median(theirs.slice(0, half)) - median(ours.slice(half)) / median(theirs.slice(half)),
  )
  const numbers = [median(theirs), median(ours)].map((value) => `${value.toFixed(2)} ${unit}`.padStart(12))
  console.log(`  ${what.padEnd(36)} ${numbers.join(' ')}   ${ratio.toFixed(3)} ± ${spread.toFixed(3)}`)
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
