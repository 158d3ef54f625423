// `npm run bench`: what Remora costs, beside the standard library's own client in the same minutes, as medians and
// ratios. Nothing is asserted: machines differ, and a busy one doubles every number.

import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { attach } from '../dist/index.js'
import { findPythons } from '../scripts/pythons.mjs'
import { setup } from '../scripts/setup.mjs'

// Not needed here, and it alone adds 30 ms to every start of Node.
delete process.env.NODE_EXTRA_CA_CERTS

await setup()
const cli = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url))
const busy = fileURLToPath(new URL('./busy.py', import.meta.url))

for (const { name, version, path, debug } of findPythons()) {
  if (debug) continue
  const target = spawn(path, [busy], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await new Promise((resolve) => target.stdout.once('data', resolve))
    console.log(`\n${name} (${version}), a busy target of one thread`)
    await measureLibrary(target.pid)
    measureCommands(path, String(target.pid))
  } finally {
    target.kill('SIGKILL')
  }
}

/** @param {number | undefined} pid */
async function measureLibrary(pid) {
  const session = await attach(Number(pid))
  await session.exec('0')
  const times = []
  for (let round = 0; round < 300; round++) {
    const start = performance.now()
    await session.exec('0')
    times.push(performance.now() - start)
  }
  print('library exec, request to result', median(times))
  session.dispose()
}

/**
 * @param {string} python
 * @param {string} pid
 */
function measureCommands(python, pid) {
  const node = [process.execPath, '-e', '0']
  const exec = [process.execPath, cli, 'exec', pid, '-c', '0']
  const pdb = [python, '-m', 'pdb', '-p', pid, '-c', 'q']
  // In turns, so that all of them meet the same moods of the machine.
  const [nodeMs, execMs, pdbMs] = interleave([node, exec, pdb], 21)
  print('node -e 0, whole process', nodeMs)
  print('remora exec -c 0, whole process', execMs, execMs / nodeMs, 'x node -e 0')
  print('python -m pdb -p PID -c q, whole process', pdbMs, pdbMs / execMs, 'x remora exec')
}

/**
 * @param {string[][]} commands
 * @param {number} rounds
 */
function interleave(commands, rounds) {
  const times = commands.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < rounds; round++) {
    for (const [index, [command, ...words]] of commands.entries()) {
      const start = performance.now()
      spawnSync(command ?? '', words, { stdio: 'ignore' })
      times[index]?.push(performance.now() - start)
    }
  }
  return times.map(median)
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/**
 * @param {string} what
 * @param {number} ms
 * @param {number} [ratio]
 * @param {string} [of]
 */
function print(what, ms, ratio, of = '') {
  console.log(
    `  ${what.padEnd(44)} ${ms.toFixed(2).padStart(8)} ms ${ratio === undefined ? '' : `${ratio.toFixed(2).padStart(6)} ${of}`}`,
  )
}
