// Samples a process as fast as it goes until it is killed, and says now and then how many stacks it has got so far, and
// how much CPU time it took for them. The benchmark stops it while it is not its turn.

import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const options = {
  pid: Number(process.argv[2]),
  rateHz: 0,
  durationMs: Number.POSITIVE_INFINITY,
  batchMs: 20,
  mode: 'wall',
  idle: false,
  granularity: 'line',
  children: false,
  tasks: false,
}
const stop = new Int32Array(new SharedArrayBuffer(4))
const worker = new Worker(fileURLToPath(new URL('../dist/sampler-worker.cjs', import.meta.url)), {
  workerData: { stop },
})
worker.on('message', (message) => {
  if (message.ready) worker.postMessage(options)
  if (message.batch === undefined) return
  const { user, system } = process.cpuUsage()
  const { samples, failed } = message.batch.quality
  process.stdout.write(`${samples} ${failed} ${(user + system) / 1e6}\n`)
})
