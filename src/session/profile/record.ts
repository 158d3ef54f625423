// `remora record`: a sampler in a worker, and a recording that grows while it runs. What is returned is a summary; the
// recording itself is a file, from which all other formats are made.

import type { NamedProcess, ProcessIdentity } from '../../process/identity.js'
import { openRecording, type Recording } from '../../profile/recording/read-recording.js'
import { RecordingWriter } from '../../profile/recording/write-recording.js'
import { SampleCounts } from '../../profile/sample-counts.js'
import type { SamplerEnd, SamplerOptions } from '../../profile/sampler/sampler.js'
import { type PreparedSampler, prepareSampler } from '../../profile/sampler/start-sampler.js'
import { summarize } from '../../profile/summary.js'
import type { RecordDocument, TargetInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import { openProfiled } from './open-profiled.js'

export interface RecordOptions {
  /** The recording; what lies there is replaced. */
  readonly file: string
  /** Rounds a second, 1000 by default; 0 is as fast as it goes. */
  readonly rateHz?: number
  /** Without it, it goes on until the target ends or `signal` is aborted. */
  readonly durationMs?: number
  readonly mode?: 'wall' | 'cpu' | 'gil' | 'exceptions'
  /** Keep threads that the mode would leave out. */
  readonly idle?: boolean
  /** Only this thread: `'main'`, a native thread id, an ident, or a name. */
  readonly thread?: string
  /** Tell exact positions apart, or only functions; `'line'` by default. */
  readonly granularity?: 'line' | 'function'
  /** Also the Python processes that it starts. */
  readonly children?: boolean
  /** Tell asyncio tasks apart; in mode `wall` those that wait count, too. */
  readonly tasks?: boolean
  readonly signal?: AbortSignal
  /** Called about twice a second. */
  readonly onProgress?: (progress: { durationMs: number; samples: number; failed: number; rateHz: number }) => void
}

const DEFAULT_RATE_HZ = 1000
/** What a killed Remora can lose. */
const BATCH_MS = 500

/**
 * Records a process until it is told to stop, or the process ends.
 * @param which The process, or what finds or starts it: called when everything else is ready, so that nothing of it is missed.
 * @throws RemoraError as `attach`, `THREAD_NOT_FOUND`, `OUTPUT_UNWRITABLE`.
 */
export async function record(
  which: number | NamedProcess | (() => Promise<NamedProcess>),
  options: RecordOptions,
): Promise<RecordDocument> {
  const sampler = await prepareSampler()
  try {
    const target = checkTarget(typeof which === 'function' ? await which() : which, options.thread)
    const counts = new SampleCounts()
    const ended = await writeRecording(sampler, target, { ...options, counts })
    return summarizeRecording(target.info, { ended, counts, file: options.file })
  } finally {
    await sampler.close()
  }
}

type CheckedTarget = Pick<OpenProcess, 'identity' | 'info'>

/** The sampler opens it again, in its own thread. */
function checkTarget(which: number | NamedProcess, thread: string | undefined): CheckedTarget {
  const opened = openProfiled(which, thread)
  opened.memory.close()
  return opened
}

async function writeRecording(
  sampler: PreparedSampler,
  { identity, info }: CheckedTarget,
  options: RecordOptions & { readonly counts: SampleCounts },
): Promise<SamplerEnd> {
  const sampling = toSamplerOptions(identity, options)
  const { rateHz, mode } = sampling
  const writer = new RecordingWriter(options.file, {
    pid: info.pid,
    python: info.python,
    command: info.command,
    startedAt: new Date().toISOString(),
    intervalUs: rateHz === 0 ? 0 : 1e6 / rateHz,
    mode,
  })
  const before = process.cpuUsage()
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  try {
    options.signal?.addEventListener('abort', sampler.stop)
    if (options.signal?.aborted === true) sampler.stop()
    return await sampler.run(sampling, (batch) => {
      writer.append(batch, cpuMs())
      // Counted now, so that there is little left to do at the end of a long recording.
      options.counts.add(batch.runs)
      const { samples, failed, rateHz: reached } = batch.quality
      options.onProgress?.({ durationMs: batch.durationMs, samples, failed, rateHz: reached })
    })
  } finally {
    writer.close()
  }
}

function toSamplerOptions(process: ProcessIdentity, options: RecordOptions): SamplerOptions {
  const { rateHz, durationMs, mode, idle, granularity, children, tasks, thread } = options
  return {
    process,
    rateHz: rateHz ?? DEFAULT_RATE_HZ,
    durationMs: durationMs ?? Number.POSITIVE_INFINITY,
    mode: mode ?? 'wall',
    idle: idle ?? false,
    granularity: granularity ?? 'line',
    children: children ?? false,
    tasks: tasks ?? false,
    batchMs: BATCH_MS,
    ...(thread === undefined ? {} : { thread }),
  }
}

const TOP = 20

function summarizeRecording(
  target: TargetInfo,
  { ended, counts, file }: { ended: SamplerEnd; counts: SampleCounts; file: string },
): RecordDocument {
  const recording = openRecording(file)
  try {
    return { ...toDocument(target, recording, counts), ended, output: file }
  } finally {
    recording.close()
  }
}

function toDocument(
  target: TargetInfo,
  recording: Recording,
  counts: SampleCounts,
): Omit<RecordDocument, 'ended' | 'output'> {
  const { info } = recording
  const { rounds, late, rateHz, intervalUs, samples, failed, cpuMs } = info.sampling
  const summary = summarize(recording, counts)
  return {
    schema: 'remora.record/1',
    target,
    startedAt: info.startedAt,
    durationMs: Math.round(info.durationMs),
    mode: info.mode,
    rounds,
    late,
    requestedRateHz: info.intervalUs === 0 ? 0 : 1e6 / info.intervalUs,
    rateHz,
    intervalUs: { ...intervalUs },
    samples,
    failed,
    cpuMs,
    threads: summary.threads.map(({ thread, functions, ...counts }) => ({
      ...thread,
      ...counts,
      functions: functions.map((one) => ({ ...one })),
    })),
    functions: summary.functions.slice(0, TOP).map((one) => ({ ...one })),
    lines: summary.lines.map((one) => ({ ...one })),
  }
}
