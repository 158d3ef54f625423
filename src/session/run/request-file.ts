// `--no-wait`: exactly what `sys.remote_exec(pid, path)` does, with our checks before it. Nobody waits for the script,
// and nothing of Remora is involved once it is requested.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { checkRequest, writeRequest } from '../../inject/request.js'
import { pathOfTargetFile } from '../../process/target-files.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { OpenProcess } from '../target/open-process.js'
import { toAskedThread } from './to-asked-thread.js'

/**
 * @param path Absolute, as the target sees it.
 * @throws RemoraError `SCRIPT_UNREADABLE` when there is no such file there, and as `checkRequest`.
 */
export function requestFile(opened: OpenProcess, path: string, thread: string): void {
  if (!path.startsWith('/')) {
    throw new RemoraError(
      'USAGE',
      `the target would look for ${path} in its own directory; name it by its absolute path`,
      {
        path,
      },
    )
  }
  requireFile(opened.status.pid, path)
  const { slot, hold } = toAskedThread(opened, chooseThread(listThreads(opened), thread))
  hold(() => {
    checkRequest(slot, path)
    writeRequest(slot, path)
  })
}

/** A file that the target cannot open would end in a message on its own standard error. */
function requireFile(pid: number, path: string): void {
  let reason: string
  try {
    if (fs.statSync(pathOfTargetFile(pid, path)).isFile()) return
    reason = 'is no file'
  } catch (error) {
    // Where the target's root may not be entered, only the target can tell.
    if (systemErrorCode(error) !== 'ENOENT' && systemErrorCode(error) !== 'ENOTDIR') return
    reason = 'does not exist'
  }
  throw new RemoraError('SCRIPT_UNREADABLE', `the script ${path} ${reason} for process ${pid}`, { path })
}
