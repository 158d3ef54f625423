// What a thread waits for, said in one way for all: `stack` shows it of every thread, a request of the thread that it
// waits for, the doctor of the main thread. From the kernel's word and the place of the GIL; reads only.

import { isInGil } from '../../cpython/runtime/gil.js'
import type { InterpreterState } from '../../cpython/runtime/interpreter.js'
import type { RemoteMemory } from '../../memory/remote-memory.js'
import { Descriptors } from '../../process/descriptors.js'
import { ProcFileCache } from '../../process/proc-file-cache.js'
import { type StopCause, StopCauseReader } from '../../process/threads/stop-cause.js'
import { readActivity, type SystemCall, type ThreadActivity } from '../../process/threads/threads.js'
import { describeWaiting } from '../../process/threads/waiting.js'
import type { ActivityState, WaitingOn } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'

export interface ThreadWait {
  readonly state: ActivityState
  readonly waitingOn?: WaitingOn
  /** The system call behind it, as the kernel shows it. */
  readonly call?: SystemCall
  /** What holds a stopped thread. */
  readonly stopCause?: StopCause
}

/** Looks at the threads of one process; what its sockets are connected to is kept from look to look. */
export class WaitReader {
  readonly #pid: number
  readonly #memory: RemoteMemory
  readonly #descriptors: Descriptors
  readonly #stopCauses: StopCauseReader
  readonly #files = new ProcFileCache()

  constructor({ status: { pid }, memory }: Pick<OpenProcess, 'status' | 'memory'>) {
    this.#memory = memory
    this.#descriptors = new Descriptors(pid)
    this.#pid = pid
    this.#stopCauses = new StopCauseReader(pid, this.#files.read)
  }

  /** @param tid The thread's id as this process sees it. */
  read(tid: number, interpreter: InterpreterState): ThreadWait {
    const activity = readActivity(this.#pid, tid, this.#files.read)
    const stopCause = this.#stopCauses.read(tid)
    if (stopCause === undefined && isWaitForGil(activity, interpreter)) {
      return { state: 'runnable' }
    }
    const state = stopCause === undefined ? stateOf(activity) : 'stopped'
    return {
      state,
      ...(typeof activity === 'object' ? { call: activity, waitingOn: this.#describe(tid, activity) } : {}),
      ...(stopCause === undefined ? {} : { stopCause }),
    }
  }

  close(): void {
    this.#files.close()
  }

  /** The detail only if the thread is still in that call: what its arguments point to may be of another by then. */
  #describe(tid: number, call: SystemCall): WaitingOn {
    const said = describeWaiting(this.#descriptors, this.#memory, call)
    // Of a lock nothing is said that could be of another call.
    const isTrue = call.name === 'futex' || isSameCall(call, readActivity(this.#pid, tid, this.#files.read))
    const detail = isTrue ? said : undefined
    return { syscall: call.name, ...(detail === undefined ? {} : { detail }) }
  }
}

function isSameCall(call: SystemCall, activity: ThreadActivity): boolean {
  if (typeof activity !== 'object' || activity.number !== call.number) return false
  const isSame = (argument: bigint, at: number): boolean => argument === call.arguments[at]
  return activity.stackPointer === call.stackPointer && activity.arguments.every(isSame)
}

function stateOf(activity: ThreadActivity): ActivityState {
  if (activity === undefined) return 'unknown'
  return activity === 'running' ? 'running' : 'blocked'
}

/** A thread that wants the GIL waits on a condition variable inside the GIL's own structure. */
function isWaitForGil(activity: ThreadActivity, interpreter: InterpreterState): boolean {
  return (
    typeof activity === 'object' && activity.name === 'futex' && isInGil(interpreter, Number(activity.arguments[0]))
  )
}
