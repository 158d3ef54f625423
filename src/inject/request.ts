// The writes into a stranger's memory, all of them: a request to run a script, its repetition, and its withdrawal.
// Numbered, in the order of Python/ceval_gil.c (_PyRunRemoteDebugger) at v3.14.0, which reads what is written here:
// the target first clears the bit, then the flag, and only then copies the path.
// Differs from CPython's own client: a request of someone else is never overwritten, and one byte is written where that
// one writes eight, among them the version of the instrumentation, which may change between its read and its write.

import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { readMainInterpreter, readThreads, type ThreadState } from '../cpython/runtime/interpreter.js'
import { findRunObstacles } from '../cpython/runtime/run-obstacles.js'
import type { EvalBreakerBits } from '../cpython/versions/version-module.js'
import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'

/**
 * What is added to the byte. Only the stop bit is needed; but a bit that the target sets between our read and our
 * write of the byte would be lost, and for these three nobody would set it again. Each of them, set without need,
 * makes the target look once and find nothing. The other bits are set again by those who want them.
 */
function attentionOf({ pleaseStop, signalsPending, callsToDo, asyncException }: EvalBreakerBits): number {
  return pleaseStop | signalsPending | callsToDo | asyncException
}

/** One thread's mailbox for scripts, at its address in the target. */
export interface RequestSlot {
  readonly runtime: Runtime
  readonly thread: Address
}

export interface RequestState {
  readonly pending: boolean
  readonly path: string
  /** Whether the evaluation loop has yet to look: a blocked thread leaves the bit set. */
  readonly attention: boolean
}

export function readRequest({ runtime, thread }: RequestSlot): RequestState {
  const { memory, offsets, facts } = runtime
  const { pendingAt, pathAt, breakerAt } = addressesOf({ runtime, thread })
  const path = memory.read(pathAt, offsets.debugger_support.debugger_script_path_size)
  const end = path.indexOf(0)
  return {
    pending: memory.read(pendingAt, 4).readInt32LE() !== 0,
    path: path.toString('utf8', 0, end < 0 ? path.length : end),
    attention: ((memory.read(breakerAt, 1)[0] as number) & facts.evalBreaker.pleaseStop) !== 0,
  }
}

/**
 * Everything that must hold before the first write.
 * @throws RemoraError `REMOTE_DEBUG_DISABLED`, `INTERPRETER_FINALIZING`, `TARGET_EXITED` (the thread has),
 * `REQUEST_PENDING`, `SCRIPT_PATH_TOO_LONG`, `PYTHON_UNSUPPORTED` (free-threaded).
 */
export function checkRequest({ runtime, thread }: RequestSlot, path: string): void {
  const interpreter = readMainInterpreter(runtime)
  const [obstacle] = findRunObstacles(runtime, interpreter)
  if (obstacle !== undefined) throw obstacle
  const state: ThreadState | undefined = readThreads(runtime, interpreter).find(({ address }) => address === thread)
  if (state === undefined || !state.usable) throw new RemoraError('TARGET_EXITED', 'the thread has ended')
  const request = readRequest({ runtime, thread })
  if (request.pending) {
    throw new RemoraError(
      'REQUEST_PENDING',
      `someone else's script is waiting to run in that thread: ${request.path}`,
      {
        path: request.path,
      },
    )
  }
  const { debugger_script_path_size: room } = runtime.offsets.debugger_support
  const length = Buffer.byteLength(path)
  if (length >= room) {
    throw new RemoraError(
      'SCRIPT_PATH_TOO_LONG',
      `the script's path has ${length} bytes; there is room for ${room - 1}`,
      {
        path,
      },
    )
  }
}

/** Asks the thread to run the script at `path` (as the target sees it). Everything has been checked before. */
export function writeRequest(slot: RequestSlot, path: string): void {
  const { memory } = slot.runtime
  const { pendingAt, pathAt } = addressesOf(slot)
  // 1 of 3: the path. If we stop here, nothing has changed: it is only read when the flag is set.
  memory.write(pathAt, Buffer.from(`${path}\0`, 'utf8'))
  // 2 of 3: the flag. If we stop here, the script runs at the next signal or other event of the thread.
  memory.write(pendingAt, int32(1))
  // 3 of 3: the evaluation loop's attention.
  drawAttention(slot)
}

/**
 * Draws the evaluation loop's attention to a request that is still pending: a signal handler or a pending call that
 * raised makes the loop forget the bit and not look at the request.
 */
export function drawAttention(slot: RequestSlot): void {
  const { memory, facts } = slot.runtime
  const { breakerAt } = addressesOf(slot)
  const byte = memory.read(breakerAt, 1)[0] as number
  memory.write(breakerAt, Uint8Array.of(byte | attentionOf(facts.evalBreaker)))
}

/**
 * Takes a request back, if it is still ours. Afterwards the target may all the same be about to run it: it may have
 * looked just before. One that was taken is not named any longer: a client that is held up between its path and its flag,
 * while another one comes and goes, has the path of that one run. Returns whether the request was still pending when it
 * was looked at.
 */
export function withdrawRequest(slot: RequestSlot, path: string): boolean {
  const { memory } = slot.runtime
  const { pendingAt, pathAt } = addressesOf(slot)
  const state = readRequest(slot)
  if (state.path !== path) return false
  // 1 of 2: an empty path, which the target ignores in silence, for one that has looked at the flag already.
  memory.write(pathAt, Uint8Array.of(0))
  if (!state.pending) return false
  // 2 of 2: the flag. If we stop before it, the target finds the empty path.
  memory.write(pendingAt, int32(0))
  return true
}

function addressesOf({ runtime, thread }: RequestSlot): { pendingAt: Address; pathAt: Address; breakerAt: Address } {
  const { debugger_support: support } = runtime.offsets
  const area = thread + support.remote_debugger_support
  return {
    pendingAt: area + support.debugger_pending_call,
    pathAt: area + support.debugger_script_path,
    // The lowest byte of a little-endian word holds the eight event bits.
    breakerAt: thread + support.eval_breaker,
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
