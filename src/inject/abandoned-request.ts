// What a Remora that was killed has left. A target that comes to its request finds nobody and cleans up; where there is
// no request, or the target never moves, the next Remora that comes takes it back and removes what lies around. The path comes
// from the target's memory, so nothing is removed but what we ourselves could have put there.

import fs from 'node:fs'
import path from 'node:path'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { readInterpreters, readThreads } from '../cpython/runtime/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { processExists } from '../process/list.js'
import { pathOfDescriptor } from '../process/own-descriptors.js'
import type { ProcessStatus } from '../process/status.js'
import { findTargetLeftBehind, openBelowRoot, PLACES } from './rendezvous-directory.js'
import { readRequest } from './request.js'

/** Whether `script`, the path of a pending request, was staged by a Remora of this machine that has ended. */
export function isAbandoned(script: string): boolean {
  return findTargetLeftBehind(directoryOf(script)) !== undefined
}

const SOCKET = /^s$/
const SOCKET_OR_SCRIPT = /^(s|[0-9a-f]{16}\.py)$/

/** Removes the directory of an abandoned request that has been taken back. */
export function removeAbandoned(script: string, status: ProcessStatus): void {
  const directory = path.dirname(script)
  const place = path.dirname(directory)
  if (!PLACES.includes(place)) return
  try {
    const descriptor = openBelowRoot(status, place, () => {})
    removeDirectory(pathOfDescriptor(descriptor, path.basename(directory)), status.uid, SOCKET_OR_SCRIPT)
    fs.closeSync(descriptor)
  } catch {
    // The place itself has gone.
  }
}

/**
 * Removes what clients have left in a place of rendezvous that were killed before they asked for anything, or after
 * their script had begun. Where a script still lies, a request for it may be pending, and a target that lives is not to
 * find it gone.
 */
export function sweep(place: string, uid: number): void {
  for (const name of fs.readdirSync(place)) {
    const target = findTargetLeftBehind(name)
    if (target === undefined) continue
    removeDirectory(`${place}/${name}`, uid, processExists(target) ? SOCKET : SOCKET_OR_SCRIPT)
  }
}

/**
 * Removes what clients of this target have left that were killed after they had staged a script and before they asked for
 * it. A thread keeps the path of its last request: what none of them names was never asked for, or long ago.
 * To be called before a request of our own overwrites one of these paths.
 */
export function sweepUnasked(place: string, { pid, uid }: ProcessStatus, runtime: Runtime): void {
  const left = fs.readdirSync(place).filter((name) => findTargetLeftBehind(name) === pid)
  if (left.length === 0) return
  const asked = readAskedDirectories(runtime)
  for (const name of left) {
    if (asked?.has(name) === false) removeDirectory(`${place}/${name}`, uid, SOCKET_OR_SCRIPT)
  }
}

/** The directories that the last requests of all threads name; undefined when threads come and go too fast to tell. */
function readAskedDirectories(runtime: Runtime): Set<string> | undefined {
  try {
    const threads = readInterpreters(runtime).flatMap((interpreter) => readThreads(runtime, interpreter))
    return new Set(threads.map(({ address }) => directoryOf(readRequest({ runtime, thread: address }).path)))
  } catch (error) {
    if (error instanceof RemoraError) return undefined
    throw error
  }
}

/** The name of the directory in which a staged script lies. */
function directoryOf(script: string): string {
  return path.basename(path.dirname(script))
}

/** Removes a directory of `uid` that holds nothing but `expected`, without following a link in its place. */
function removeDirectory(directory: string, uid: number, expected: RegExp): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants
  let descriptor: number | undefined
  try {
    descriptor = fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    const reached = pathOfDescriptor(descriptor)
    const names = fs.readdirSync(reached)
    if (fs.fstatSync(descriptor).uid !== uid || !names.every((name) => expected.test(name))) return
    for (const name of names) fs.unlinkSync(`${reached}/${name}`)
    fs.rmdirSync(directory)
  } catch {
    // The target was faster, or it belongs to someone else: it is not ours to insist.
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }
}
