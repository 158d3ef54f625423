// Opens a process that is going to be profiled. Everything that can be wrong with it shows here, before anything of it is
// shown or written.

import type { NamedProcess } from '../../process/identity.js'
import { refuseFreeThreaded } from '../../profile/sampler/open-target.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import { type OpenProcess, openProcess } from '../target/open-process.js'

/** @throws RemoraError as `openProcess`, `PYTHON_UNSUPPORTED` for a free-threaded build, `THREAD_NOT_FOUND`. */
export function openProfiled(which: number | NamedProcess, thread: string | undefined): OpenProcess {
  const opened = openProcess(which, { access: 'read' })
  try {
    refuseFreeThreaded(opened.status.pid, opened.runtime)
    if (thread !== undefined) chooseThread(listThreads(opened), thread)
    return opened
  } catch (error) {
    opened.memory.close()
    throw error
  }
}
