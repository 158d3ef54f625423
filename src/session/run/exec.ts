// `remora exec`: a script in the thread's own frame. Returns what it printed and how it ended.

import { chooseThread, listThreads } from '../activity/threads.js'
import type { ExecDocument } from '../documents/index.js'
import { type ExecutionOptions, execute, type Work } from './execution.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

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
  target: WritableTarget,
  source: string | Uint8Array,
  options: ExecOptions,
): Promise<ExecDocument> {
  const thread = chooseThread(listThreads(target), options.thread ?? 'main')
  return execute(target, new ThreadHost(target, thread), toWork(source, options), options)
}

/** @throws RemoraError the first failure, when all threads have ended in one way or another: `onDocument` has the others. */
export async function execInAllThreads(
  target: WritableTarget,
  source: string | Uint8Array,
  options: ExecInAllThreadsOptions,
): Promise<ExecDocument[]> {
  // Threads come and go; one that has gone before its turn is no reason to lose what the others say.
  const work = { ...toWork(source, options), mayBeGone: true }
  const results = await Promise.allSettled(
    listThreads(target).map(async (thread) => {
      const document = await execute(target, new ThreadHost(target, thread), work, options)
      await options.onDocument?.(document)
      return document
    }),
  )
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** The bytes of the file go over: the target decides on their encoding as it does for any source file. */
function toWork(
  source: string | Uint8Array,
  { filename = '<string>' }: ExecOptions,
): Work<Pick<ExecDocument, 'schema'>> {
  return {
    head: { schema: 'remora.exec/1' },
    agent: 'exec',
    config: { source: Buffer.from(source).toString('hex'), filename },
  }
}
