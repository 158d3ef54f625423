// What surrounds an interpreter that would run code: other debuggers, what holds it still, and the place to meet.

import path from 'node:path'
import { RendezvousDirectory } from '../../inject/rendezvous-directory.js'
import { readStatus } from '../../process/status.js'
import { StopCauseReader } from '../../process/threads/stop-cause.js'
import type { OpenProcess } from '../target/open-process.js'
import { escapeControls } from '../words/escape-controls.js'
import { nameProcess } from '../words/name-process.js'
import { type Check, pass, type Verdict } from './check.js'

export const surroundingsChecks: readonly Check<OpenProcess>[] = [
  { id: 'tracer', run: checkTracer },
  { id: 'stopped', run: checkNotStopped },
  { id: 'rendezvous', run: checkRendezvous },
]

function checkTracer({ status: { pid } }: OpenProcess): Verdict {
  const { tracerPid } = readStatus(pid)
  if (tracerPid === 0) return pass('nobody traces it')
  return pass(
    `${nameProcess(tracerPid)} traces it: code can only be run in its main thread`,
    `To end that: kill ${tracerPid}`,
  )
}

function checkNotStopped({ status: { pid } }: OpenProcess): Verdict {
  const stopCause = new StopCauseReader(pid).read(pid)
  switch (stopCause?.by) {
    case undefined:
      return pass('it is not stopped')
    case 'signal':
      return {
        ok: false,
        detail: 'it is stopped by a signal: nothing runs in it',
        remedy: `Let it go on: kill -CONT ${pid}`,
      }
    case 'freezer':
      return {
        ok: false,
        detail: `its cgroup ${escapeControls(stopCause.cgroup)} is frozen: nothing runs in it`,
        remedy: 'Let it go on: echo 0 > cgroup.freeze in that cgroup, or what froze it, such as: docker unpause',
      }
    case 'tracer': {
      const { tracerPid } = stopCause
      const detail = `it is held by ${nameProcess(tracerPid)}: nothing runs in it`
      return { ok: false, detail, remedy: `Let it go on there (in gdb: continue), or: kill ${tracerPid}` }
    }
  }
}

/** Makes the directory, and removes it at once. */
function checkRendezvous({ status }: OpenProcess): Verdict {
  const directory = RendezvousDirectory.make(status)
  directory.remove()
  return pass(`both sides can meet in ${path.dirname(directory.theirs)}`)
}
