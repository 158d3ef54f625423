// `--no-wait`: exactly what `sys.remote_exec(pid, path)` does, with our checks before it. Nobody waits for the script,
// and nothing of Remora is involved once it is requested.

import { RemoraError } from '../errors/remora-error.js'
import { checkRequest, writeRequest } from '../inject/request.js'
import { toAskedThread } from './ask-target.js'
import type { OpenProcess } from './open-process.js'
import { chooseThread, listThreads } from './threads.js'

/** @param path Absolute, as the target sees it. */
export function requestFile(opened: OpenProcess, path: string, thread: string): void {
  if (!path.startsWith('/')) {
    throw new RemoraError('USAGE', `the target would look for ${path} in its own directory; give the whole path`, {
      path,
    })
  }
  const { slot, hold } = toAskedThread(opened, chooseThread(listThreads(opened), thread))
  hold(() => {
    checkRequest(slot, path)
    writeRequest(slot, path)
  })
}
