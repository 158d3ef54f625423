// What surrounds an interpreter that would run code: other debuggers, a stop signal, the place to meet, and what its
// main thread is busy with, which decides how soon a script would run.

import path from 'node:path'
import { RendezvousDirectory } from '../../inject/rendezvous-directory.js'
import { readStatus } from '../../process/status.js'
import { readThreadComm } from '../../process/threads.js'
import { describeActivity } from '../describe-activity.js'
import type { OpenProcess } from '../open-process.js'
import { toPrintable } from '../printable.js'
import { chooseThread, listThreads } from '../threads.js'
import { type Check, pass, type Verdict } from './check.js'

export const surroundingsChecks: readonly Check<OpenProcess>[] = [
  { id: 'tracer', run: checkTracer },
  { id: 'stopped', run: checkNotStopped },
  { id: 'rendezvous', run: checkRendezvous },
  { id: 'main-thread', run: checkMainThread },
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
  const { state, tracerPid } = readStatus(pid)
  if (state === 'T') {
    return {
      ok: false,
      detail: 'it is stopped by a signal: nothing runs in it',
      remedy: `Let it go on: kill -CONT ${pid}`,
    }
  }
  if (state === 't') {
    const detail = `it is held by ${nameProcess(tracerPid)}: nothing runs in it`
    return { ok: false, detail, remedy: `Let it go on there (in gdb: continue), or: kill ${tracerPid}` }
  }
  return pass('it is not stopped')
}

/** Makes the directory, and removes it at once. */
function checkRendezvous({ status }: OpenProcess): Verdict {
  const directory = RendezvousDirectory.make(status)
  directory.remove()
  return pass(`both sides can meet in ${path.dirname(directory.theirs)}`)
}

function checkMainThread(opened: OpenProcess): Verdict {
  const main = chooseThread(listThreads(opened), 'main')
  const { state, function: name, file, line, syscall } = describeActivity(opened, main)
  const place = line === undefined ? file : `${file}:${line}`
  const where = name === undefined ? '' : `in ${name} (${place}), `
  const doing = {
    running: 'running: a script would run at its next safe point',
    blocked: `blocked in the system call ${syscall}: a script would run when that returns`,
    unknown: 'in an unknown state: a script would run at its next safe point',
  }
  const now = 'Tt'.includes(readStatus(opened.status.pid).state)
    ? 'stopped: a script would run once it goes on'
    : doing[state]
  return pass(toPrintable(`the main thread is ${where}${now}`))
}

/** `process 12 (gdb)` */
function nameProcess(pid: number): string {
  return `process ${pid} (${toPrintable(readThreadComm(pid, pid) ?? '?')})`
}
