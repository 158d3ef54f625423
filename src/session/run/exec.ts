// `remora exec`: a script in the thread's own frame. Returns what it printed and how it ended.

import { RemoraError } from '../../errors/remora-error.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { ExecDocument, RunInfo } from '../documents/index.js'
import { Execution, type ExecutionOptions, hostOf, type Work } from './execution.js'
import type { Requests } from './requests.js'

export interface ExecOptions extends ExecutionOptions {
  /** `'main'` (the default), a native thread id, an ident, or a name. */
  thread?: string
  /** What tracebacks show as the script's file; `<string>` by default. */
  filename?: string
}

export interface ExecInAllThreadsOptions extends ExecOptions {
  /** Called for each thread as soon as its result is there, and awaited before it counts as done. */
  onDocument?: (document: ExecDocument) => void | Promise<void>
}

export async function exec(
  requests: Requests,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument> {
  const thread = chooseThread(listThreads(requests.process), options.thread ?? 'main')
  return toDocument(
    requests,
    await new Execution(requests, hostOf(requests, thread), options).run(toWork(source, options)),
  )
}

/** @throws RemoraError the first failure, when all threads have ended in one way or another: `onDocument` has the others. */
export async function execInAllThreads(
  requests: Requests,
  source: string | Uint8Array,
  options: ExecInAllThreadsOptions,
): Promise<ExecDocument[]> {
  const threads = listThreads(requests.process)
  const results = await Promise.allSettled(
    threads.map(async (thread) => {
      const execution = new Execution(requests, hostOf(requests, thread), options)
      const document = toDocument(requests, await runUnlessGone(execution, toWork(source, options)))
      await options.onDocument?.(document)
      return document
    }),
  )
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** Threads come and go; one that has gone before its turn is no reason to lose what the others say. */
async function runUnlessGone(execution: Execution, work: Work): Promise<RunInfo> {
  try {
    return await execution.run(work)
  } catch (error) {
    const gone = error instanceof RemoraError && ['TARGET_EXITED', 'MEMORY_UNREADABLE'].includes(error.code)
    if (gone) return execution.toExited()
    throw error
  }
}

/** The bytes of the file go over: the target decides on their encoding as it does for any source file. */
function toWork(source: string | Uint8Array, { filename = '<string>' }: ExecOptions): Work {
  return { agent: 'exec', config: { source: Buffer.from(source).toString('hex'), filename } }
}

function toDocument(requests: Requests, run: RunInfo): ExecDocument {
  return { schema: 'remora.exec/1', target: requests.process.info, ...run }
}
