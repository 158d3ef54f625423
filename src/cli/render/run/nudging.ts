// What was done to wake a thread, or why it was not: a line on stderr after the script.

import type { NudgeInfo, NudgingInfo, ThreadInfo } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'

/** Nothing when the thread reached a safe point by itself. */
export function renderNudging({ nudges, notNudged, thread }: NudgingInfo & { readonly thread: ThreadInfo }): string {
  const who = `thread ${thread.nativeId} (${escapeControls(thread.name)})`
  const done = nudges?.map(renderNudge).join(', ') ?? ''
  const woken = done === '' ? '' : `remora: woke ${who} from ${done}\n`
  return notNudged === undefined ? woken : `${woken}remora: left ${who} alone: ${escapeControls(notNudged)}\n`
}

function renderNudge({ method, syscall, stopUs }: NudgeInfo): string {
  const how = method === 'pending-call' ? ' by a pending call' : ''
  return `${syscall}${how} (held for ${stopUs.toFixed(0)} µs)`
}
