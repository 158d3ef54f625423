// Starts the sampler in a worker, and brings back what it gathers. The worker's file is looked for where the package
// keeps it, seen from each of the places that this code is built into.

import fs from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../errors/codes.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import type { SamplerEnd, SamplerOptions } from './sampler.js'
import type { SamplerMessage, SamplerWorkerData } from './sampler-worker.js'

const WORKER_PLACES = ['./sampler-worker.cjs', '../../sampler-worker.cjs', '../../../dist/sampler-worker.cjs']

/** A sampler whose thread runs, and waits to be told what to sample. */
export interface PreparedSampler {
  /**
   * Samples until the end, and resolves with what that was when all batches have been handed over. Rejects with what
   * the sampler failed with, or with what `handOver` threw, which ends it.
   */
  run(options: SamplerOptions, handOver: (batch: SampleBatch) => void): Promise<SamplerEnd>
  /** Asks it to end, which it does at once. */
  stop(): void
  /** Ends the thread. */
  close(): Promise<void>
}

/** Starts the thread of a sampler, so that sampling itself can begin without delay. */
export async function prepareSampler(): Promise<PreparedSampler> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const data: SamplerWorkerData = { stop }
  const worker = new Worker(workerFile(), { workerData: data })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  return {
    run: (options, handOver) =>
      runIn(worker, options, (batch) =>
        attempt(
          () => handOver(batch),
          () => halt(stop),
        ),
      ),
    stop: () => halt(stop),
    close: async () => void (await worker.terminate()),
  }
}

function runIn(worker: Worker, options: SamplerOptions, handOver: (batch: SampleBatch) => void): Promise<SamplerEnd> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: SamplerMessage) => {
      try {
        if ('batch' in message) handOver(message.batch)
        else if ('end' in message) resolve(message.end)
        else if ('failure' in message) reject(toError(message.failure))
      } catch (error) {
        reject(error)
      }
    })
    worker.on('error', reject)
    worker.on('exit', () => reject(new RemoraError('INTERNAL', 'the sampler ended without a word')))
    worker.postMessage(options)
  })
}

function attempt(act: () => void, onFailure: () => void): void {
  try {
    act()
  } catch (error) {
    onFailure()
    throw error
  }
}

function halt(stop: Int32Array): void {
  Atomics.store(stop, 0, 1)
  Atomics.notify(stop, 0)
}

function workerFile(): string {
  const files = WORKER_PLACES.map((place) => path.join(import.meta.dirname, place))
  const found = files.find((file) => fs.existsSync(file))
  if (found === undefined) throw new RemoraError('INTERNAL', `sampler-worker.cjs is in none of ${files.join(', ')}`)
  return found
}

function toError({ code, message, details }: { code: string; message: string; details: object }): RemoraError {
  return new RemoraError(code as ErrorCode, message, { ...details })
}
