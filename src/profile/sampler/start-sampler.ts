// Starts the sampler in a worker, and brings back what it gathers. The worker's file is looked for where the package
// keeps it, seen from each of the places that this code is built into.

import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../errors/codes.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { SampleBatch, SamplerEnd, SamplerOptions } from './sampler.js'
import type { SamplerMessage, SamplerWorkerData } from './sampler-worker.js'

const WORKER_PLACES = ['./sampler-worker.cjs', '../../sampler-worker.cjs', '../../../dist/sampler-worker.cjs']

export interface RunningSampler {
  /** Resolves when it has ended and all batches have been handed over. Rejects with what it failed with. */
  readonly end: Promise<SamplerEnd>
  /** Asks it to end, which it does at once. */
  stop(): void
}

/** `handOver` may throw: then the sampler ends, and `end` rejects with that. */
export function startSampler(options: SamplerOptions, handOver: (batch: SampleBatch) => void): RunningSampler {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const data: SamplerWorkerData = { options, stop }
  const worker = new Worker(workerFile(), { workerData: data })
  const end = new Promise<SamplerEnd>((resolve, reject) => {
    worker.on('message', (message: SamplerMessage) => {
      try {
        if ('batch' in message) handOver(message.batch)
        else if ('end' in message) resolve(message.end)
        else reject(toError(message.failure))
      } catch (error) {
        halt(stop)
        reject(error)
      }
    })
    worker.on('error', reject)
    worker.on('exit', () => reject(new RemoraError('INTERNAL', 'the sampler ended without a word')))
  })
  return { end, stop: () => halt(stop) }
}

function halt(stop: Int32Array): void {
  Atomics.store(stop, 0, 1)
  Atomics.notify(stop, 0)
}

function workerFile(): string {
  const files = WORKER_PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = files.find((file) => fs.existsSync(file))
  if (found === undefined) throw new RemoraError('INTERNAL', `sampler-worker.cjs is in none of ${files.join(', ')}`)
  return found
}

function toError({ code, message, details }: { code: string; message: string; details: object }): RemoraError {
  return new RemoraError(code as ErrorCode, message, { ...details })
}
