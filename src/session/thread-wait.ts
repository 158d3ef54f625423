// What a thread waits for, said in one way for all: `stack` shows it of every thread, a request of the thread that it
// waits for, the doctor of the main thread. From the kernel's word and the place of the GIL; reads only.

import { isInGil } from '../cpython/gil.js'
import type { InterpreterState } from '../cpython/interpreter.js'
import type { RemoteMemory } from '../memory/remote-memory.js'
import { Descriptors } from '../process/descriptors.js'
import { KeptFiles } from '../process/kept-files.js'
import { type Standstill, StandstillReader } from '../process/standstill.js'
import { readActivity, type SystemCall, type ThreadActivity } from '../process/threads.js'
import { describeWaiting } from '../process/waiting.js'
import type { ActivityState, WaitingOn } from './documents.js'
import type { OpenProcess } from './open-process.js'

export interface ThreadWait {
  readonly state: ActivityState
  readonly waitingOn?: WaitingOn
  /** The system call behind it, as the kernel shows it. */
  readonly call?: SystemCall
  /** What holds a stopped thread. */
  readonly standstill?: Standstill
}

/** Looks at the threads of one process; what its sockets are connected to is kept from look to look. */
export class WaitReader {
  readonly #pid: number
  readonly #memory: RemoteMemory
  readonly #descriptors: Descriptors
  readonly #standstills: StandstillReader
  readonly #files = new KeptFiles()

  constructor({ status: { pid }, memory }: Pick<OpenProcess, 'status' | 'memory'>) {
    this.#memory = memory
    this.#descriptors = new Descriptors(pid)
    this.#pid = pid
    this.#standstills = new StandstillReader(pid, this.#files.read)
  }

  /** @param tid The thread's id as this process sees it. */
  read(tid: number, interpreter: InterpreterState): ThreadWait {
    const activity = readActivity(this.#pid, tid, this.#files.read)
    const standstill = this.#standstills.read(tid)
    if (standstill === undefined && isWaitForGil(activity, interpreter)) {
      return { state: 'runnable' }
    }
    const state = standstill === undefined ? stateOf(activity) : 'stopped'
    return {
      state,
      ...(typeof activity === 'object' ? { call: activity, waitingOn: this.#describe(activity) } : {}),
      ...(standstill === undefined ? {} : { standstill }),
    }
  }

  close(): void {
    this.#files.close()
  }

  #describe(call: SystemCall): WaitingOn {
    const detail = describeWaiting(this.#descriptors, this.#memory, call)
    return { syscall: call.name, ...(detail === undefined ? {} : { detail }) }
  }
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
