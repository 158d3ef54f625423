// What `remora exec` says about a script, beside what the script itself prints.

import type { RunInfo, TargetInfo, ThreadActivityInfo, ThreadInfo } from '../../../session/documents/index.js'
import { describeActivity } from '../../../session/words/activity-words.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'

/** The line while a script waits for its thread, without its end. */
export function renderWaiting(activity: ThreadActivityInfo, { name, nativeId }: ThreadInfo): string {
  return `remora: waiting for thread ${nativeId} (${escapeControls(name)}): ${describeActivity(activity)}`
}

export function renderThreadHeading({ name, nativeId }: ThreadInfo, { style }: Terminal): string {
  return `${style('bold', `thread ${nativeId} (${escapeControls(name)})`)}\n`
}

/** The last word on stderr; nothing for a script that ran to its end. */
export function renderOutcome(document: RunInfo & { readonly target: TargetInfo }, aborted: boolean): string {
  const { outcome, error, droppedBytes, target, timing } = document
  const dropped =
    droppedBytes === 0 ? '' : `remora: ${droppedBytes} bytes of output are lost, as they were not read in time\n`
  if (outcome === 'completed') return dropped
  if (outcome === 'raised') return dropped + (error?.traceback ?? '')
  if (outcome === 'exited') return `${dropped}remora: process ${target.pid} ended before the script did\n`
  if (aborted) return 'remora: the script was withdrawn before it started\n'
  const seconds = (timing.pendingMs / 1000).toFixed(1)
  const doing = document.pending === undefined ? '' : `; the thread is ${describeActivity(document.pending)}`
  return `remora: the script did not start within ${seconds} s and was withdrawn${doing}\n`
}
