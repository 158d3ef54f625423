// What a thread is doing, in one sentence: for those who wait for it, and for the doctor, whose checks are words.

import path from 'node:path'
import type { ThreadActivityInfo, WaitingOn } from '../documents/index.js'
import { escapeControls } from './escape-controls.js'

/** Shorter stays are not worth a word. */
const MIN_UNMOVED_MS = 1_000

/** `in read_line (adder.py:12), blocked in the system call read on terminal /dev/pts/3, not moved for 4 s`. */
export function describeActivity(activity: ThreadActivityInfo): string {
  const parts = [
    describePlace(activity),
    describeDoing(activity),
    ...describeCode(activity),
    ...describeUnmoved(activity),
  ]
  return escapeControls(parts.filter((part) => part !== '').join(', '))
}

/** `read on pipe` */
export function describeWaitingOn({ syscall, detail }: WaitingOn): string {
  return detail === undefined ? syscall : `${syscall} on ${escapeControls(detail)}`
}

function describePlace({ function: name, file, line }: ThreadActivityInfo): string {
  if (name === undefined) return 'not in Python code'
  return `in ${name} (${file}${line === undefined ? '' : `:${line}`})`
}

function describeDoing(activity: ThreadActivityInfo): string {
  const { state, syscall, detail, holdsGil, gilHolder, inNativeCall } = activity
  if (state === 'stopped') return describeStop(activity)
  if (state === 'runnable') {
    return gilHolder === undefined ? 'waiting for the GIL' : `waiting for the GIL, which ${describeHolder(gilHolder)}`
  }
  const withGil = holdsGil ? ', holding the GIL' : ''
  if (state === 'running') return inNativeCall === true ? `running in native code${withGil}` : 'running'
  if (state !== 'blocked' || syscall === undefined) return ''
  const call = describeWaitingOn(detail === undefined ? { syscall } : { syscall, detail })
  return `blocked in the system call ${call}${withGil}`
}

/** `thread 12 (worker) holds while it is blocked in the system call clock_nanosleep` */
function describeHolder({ nativeId, name, waitingOn }: NonNullable<ThreadActivityInfo['gilHolder']>): string {
  const doing = waitingOn === undefined ? '' : ` while it is blocked in the system call ${describeWaitingOn(waitingOn)}`
  return `thread ${nativeId} (${name}) holds${doing}`
}

function describeStop({ stoppedBy }: ThreadActivityInfo): string {
  const detail = stoppedBy?.detail
  if (stoppedBy?.by === 'tracer') return `held by ${detail}, which traces it`
  return stoppedBy?.by === 'freezer' ? `frozen with its cgroup ${detail}` : 'stopped by a signal'
}

function describeCode({ code }: ThreadActivityInfo): string[] {
  return code?.foreign === true ? [`called from ${path.basename(code.file)}`] : []
}

function describeUnmoved({ unmovedMs = 0 }: ThreadActivityInfo): string[] {
  return unmovedMs < MIN_UNMOVED_MS ? [] : [`not moved for ${(unmovedMs / 1000).toFixed(1)} s`]
}
