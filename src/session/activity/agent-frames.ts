// Whether an agent is at work in a thread, by the frames on its stack: what they say is not the program's, and what is
// asked of the thread meanwhile would find itself on top of them. Reads only.

import { CodeCache } from '../../cpython/code/code.js'
import { RemoraError } from '../../errors/remora-error.js'
import { nowMs, sleep } from '../../process/clock.js'
import { readStack } from '../../unwind/read-stack.js'
import type { OpenProcess } from '../target/open-process.js'
import type { TargetThread } from './threads.js'

/** Resolves when no agent is at work in the thread, which is looked at every so often, and after `ms` at the latest. */
export async function untilAlone(opened: OpenProcess, thread: TargetThread, ms: number, everyMs = 1): Promise<void> {
  const codes = new CodeCache(opened.runtime)
  const deadline = nowMs() + ms
  while (hasAgent(opened, thread, codes) && nowMs() < deadline) await sleep(everyMs)
}

function hasAgent({ runtime }: OpenProcess, { state }: TargetThread, codes: CodeCache): boolean {
  try {
    return readStack(runtime, state, codes).frames.some(({ file }) => file === '<remora>')
  } catch (error) {
    // The thread has ended: whoever asks it next is told so.
    if (error instanceof RemoraError) return false
    throw error
  }
}
