// What `remora exec` says about a script, beside what the script itself prints.

import type { ExecDocument, ThreadActivityInfo, ThreadInfo } from '../../session/documents.js'
import { toPrintable } from '../../session/printable.js'
import type { Terminal } from '../terminal.js'

/** One line while a script waits for its thread. */
export function renderWaiting(activity: ThreadActivityInfo, { name, nativeId }: ThreadInfo): string {
  return `remora: waiting for thread ${nativeId} (${toPrintable(name)}): ${renderActivity(activity)}\n`
}

/** `in read_line (adder.py:12), blocked in the system call read`. */
export function renderActivity({ state, function: name, file, line, syscall }: ThreadActivityInfo): string {
  const where =
    name === undefined
      ? 'not in Python code'
      : toPrintable(`in ${name} (${file}${line === undefined ? '' : `:${line}`})`)
  const doing = state === 'blocked' ? `blocked in the system call ${syscall}` : state === 'running' ? 'running' : ''
  return [where, doing].filter((part) => part !== '').join(', ')
}

export function renderThreadHeading({ name, nativeId }: ThreadInfo, { style }: Terminal): string {
  return `${style('bold', `thread ${nativeId} (${toPrintable(name)})`)}\n`
}

/** The last word on stderr; nothing for a script that ran to its end. */
export function renderOutcome(document: ExecDocument, aborted: boolean): string {
  const { outcome, error, droppedBytes, target, timing } = document
  const dropped =
    droppedBytes === 0 ? '' : `remora: ${droppedBytes} bytes of output were not taken in time and are lost\n`
  if (outcome === 'completed') return dropped
  if (outcome === 'raised') return dropped + (error?.traceback ?? '')
  if (outcome === 'exited') return `${dropped}remora: process ${target.pid} ended before the script did\n`
  if (aborted) return 'remora: the script was withdrawn before it started\n'
  const seconds = (timing.pendingMs / 1000).toFixed(1)
  const doing = document.pending === undefined ? '' : `; the thread is ${renderActivity(document.pending)}`
  return `remora: the script did not start within ${seconds} s and was withdrawn${doing}\n`
}
