// What one thread is doing while something waits for it, from look to look: its innermost Python call, the system call
// in which it sits and whose code made it, what holds it, who has the GIL, and for how long none of that has moved.
// Reads only, and never fails: what cannot be told is left out.

import { CodeCache } from '../../cpython/code/code.js'
import type { RawFrame } from '../../cpython/frames/frame.js'
import {
  type InterpreterState,
  readInterpreters,
  readMainInterpreter,
  readThread,
} from '../../cpython/runtime/interpreter.js'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { nowMs } from '../../process/clock.js'
import type { StopCause } from '../../process/threads/stop-cause.js'
import { readSwitchCount, type SystemCall } from '../../process/threads/threads.js'
import { readTimeLimit } from '../../process/threads/time-limit.js'
import { classifyCaller } from '../../unwind/native/classify-caller.js'
import { copyFrames, readStack } from '../../unwind/read-stack.js'
import type { ThreadActivityInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import { nameProcess } from '../words/name-process.js'
import { type ThreadWait, WaitReader } from './thread-wait.js'
import { listThreads, type TargetThread } from './threads.js'

/** A thread that runs, and has left a request alone for so many looks in a row, has not reached the evaluation loop. */
const NATIVE_LOOKS = 3

interface WatchOptions {
  /** Whether a request waits for the thread: it is seen that it runs no Python only by that. */
  readonly requested?: boolean
}

type Place = Pick<ThreadActivityInfo, 'function' | 'file' | 'line'>

export class ActivityWatch {
  readonly #opened: OpenProcess
  readonly #thread: TargetThread
  readonly #requested: boolean
  readonly #waits: WaitReader
  readonly #codes: CodeCache
  readonly #instruction = new Unchanged()
  readonly #standing = new Unchanged()
  #place: Place = {}
  #callingCode: ThreadActivityInfo['code']

  constructor(opened: OpenProcess, thread: TargetThread, { requested = false }: WatchOptions = {}) {
    this.#requested = requested
    this.#opened = opened
    this.#thread = thread
    this.#waits = new WaitReader(opened)
    this.#codes = new CodeCache(opened.runtime)
  }

  look(): ThreadActivityInfo {
    return orUndefined(() => this.#look()) ?? { state: 'unknown', holdsGil: false }
  }

  close(): void {
    this.#waits.close()
  }

  #look(): ThreadActivityInfo {
    const { status, memory, runtime } = this.#opened
    const interpreter = readMainInterpreter(runtime)
    const wait = this.#waits.read(this.#thread.tid, interpreter)
    if (this.#instruction.look(this.#readInstruction())) this.#place = this.#readPlace()
    const { call } = wait
    const isStill = wait.state === 'blocked' || wait.state === 'stopped'
    const moves = isStill ? `${call?.number} ${readSwitchCount(status.pid, this.#thread.tid)}` : wait.state
    const moved = this.#standing.look(`${this.#instruction.value} ${moves}`)
    if (moved) this.#callingCode = call && this.#readCallingCode(call)
    const limit = call && readTimeLimit(memory, call)
    return {
      state: wait.state,
      ...this.#place,
      ...wait.waitingOn,
      ...(limit === undefined ? {} : { endsWithinMs: Math.round(limit.ms) }),
      ...(this.#callingCode === undefined ? {} : { code: this.#callingCode }),
      ...(this.#isInNativeCall(wait) ? { inNativeCall: true } : {}),
      ...this.#describeGil(interpreter),
      ...describeStop(wait),
      ...(moved ? {} : { unmovedMs: Math.round(this.#standing.ms) }),
    }
  }

  #isInNativeCall({ state }: ThreadWait): boolean {
    return this.#requested && state === 'running' && this.#instruction.looks >= NATIVE_LOOKS
  }

  /** Where the innermost Python call is, as bare addresses. */
  #readInstruction(): string {
    const isCall = ({ code }: RawFrame): boolean => code !== 0
    const frame = orUndefined(() => copyFrames(this.#opened.runtime, this.#thread.state).frames?.find(isCall))
    return frame === undefined ? 'none' : `${frame.address} ${frame.instruction}`
  }

  #readPlace(): Place {
    const { runtime } = this.#opened
    const frame = orUndefined(() => readStack(runtime, this.#thread.state, this.#codes).frames[0])
    if (frame === undefined) return {}
    const { qualifiedName, file, line } = frame
    return { function: qualifiedName, file, ...(line === null ? {} : { line }) }
  }

  #readCallingCode(call: SystemCall): ThreadActivityInfo['code'] {
    const { status, runtime } = this.#opened
    const { file, foreign } = orUndefined(() => classifyCaller(status.pid, runtime, call)) ?? {}
    return file === undefined || foreign === undefined ? undefined : { file, foreign }
  }

  #describeGil(interpreter: InterpreterState): Pick<ThreadActivityInfo, 'holdsGil' | 'gilHolder'> {
    const holder = findGilHolder(this.#opened, interpreter)
    if (holder === undefined) return { holdsGil: false }
    if (holder.state.address === this.#thread.state.address) return { holdsGil: true }
    const { waitingOn } = this.#waits.read(holder.tid, interpreter)
    // It may have let go of the GIL for this very call, after it was found.
    const isKept = waitingOn !== undefined && readThread(this.#opened.runtime, holder.state.address).holdsGil
    return { holdsGil: false, gilHolder: { ...holder.info, ...(isKept ? { waitingOn } : {}) } }
  }
}

/** The thread that holds the GIL of an interpreter, which subinterpreters may share. */
function findGilHolder(opened: OpenProcess, interpreter: InterpreterState): TargetThread | undefined {
  const { runtime } = opened
  const sharing = readInterpreters(runtime).filter(({ gil }) => gil === interpreter.gil)
  return sharing.flatMap((other) => listThreads(opened, other)).find(({ state }) => state.holdsGil)
}

function describeStop({ stopCause }: ThreadWait): Pick<ThreadActivityInfo, 'stoppedBy'> {
  if (stopCause === undefined) return {}
  const detail = detailOf(stopCause)
  return { stoppedBy: { by: stopCause.by, ...(detail === undefined ? {} : { detail }) } }
}

function detailOf(stopCause: StopCause): string | undefined {
  if (stopCause.by === 'tracer') return nameProcess(stopCause.tracerPid)
  return stopCause.by === 'freezer' ? stopCause.cgroup : undefined
}

/** For how many looks, and for how long, something has been the same. */
class Unchanged {
  value: string | undefined
  looks = 0
  #since = 0

  /** Whether it is another one than at the last look. */
  look(value: string): boolean {
    const changed = value !== this.value
    if (changed) {
      this.#since = nowMs()
      this.looks = 0
    }
    this.value = value
    this.looks++
    return changed
  }

  get ms(): number {
    return nowMs() - this.#since
  }
}

/** The target may move, or end, at any moment of a look. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RemoraError || systemErrorCode(error) !== undefined) return undefined
    throw error
  }
}
