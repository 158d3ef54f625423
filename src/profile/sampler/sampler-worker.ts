// The thread in which sampling happens, undisturbed by anything else that this process does. A file of its own in the
// built package: `start-sampler.ts` starts it, and gets its messages.

import { parentPort, workerData } from 'node:worker_threads'
import { RemoraError } from '../../errors/remora-error.js'
import { loadLibc } from '../../native/koffi.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import { runSampler, type SamplerEnd, type SamplerOptions } from './sampler.js'

export interface SamplerWorkerData {
  /** Set to 1 to stop. */
  readonly stop: Int32Array
}

export type SamplerMessage =
  /** Everything is loaded: it waits for its options. */
  | { readonly ready: true }
  | { readonly batch: SampleBatch }
  | { readonly end: SamplerEnd }
  | { readonly failure: { readonly code: string; readonly message: string; readonly details: object } }

const { stop } = workerData as SamplerWorkerData

function post(message: SamplerMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function buffersOf({ runs, stacks }: SampleBatch): ArrayBuffer[] {
  const { startUs, endUs, threads, stacks: ofRuns, counts, flags } = runs
  const columns = [startUs, endUs, threads, ofRuns, counts, flags, stacks.parents, stacks.frames]
  return columns.map(({ buffer }) => buffer as ArrayBuffer)
}

parentPort?.once('message', (options: SamplerOptions) => {
  try {
    post({ end: runSampler(options, stop, (batch) => post({ batch }, buffersOf(batch))) })
  } catch (error) {
    const known = error instanceof RemoraError
    const message = known ? error.message : String(error instanceof Error ? error.stack : error)
    post({ failure: { code: known ? error.code : 'INTERNAL', message, details: known ? error.details : {} } })
  }
})
loadLibc()
post({ ready: true })
