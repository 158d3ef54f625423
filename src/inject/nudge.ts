// Makes a blocked thread come by: its system call returns EINTR as if a signal handler had run, CPython looks what there
// is to do, finds our request, and afterwards makes the call again with the time that is left. Done only where that was
// seen to leave the program as it was (`interruptible.ts`), only to calls of CPython itself (`caller.ts`), only a few
// times, and in doubt not at all: then it says why.

import { isInGil, readMainInterpreter, readThread } from '../cpython/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { NT_PRSTATUS, registersOf } from '../process/interrupted-call.js'
import { readArguments } from '../process/status.js'
import { type StoppedThread, withThreadStopped } from '../process/thread-stop.js'
import { readActivity, readThreadState, type SystemCall, type ThreadActivity } from '../process/threads.js'
import type { AskedThread } from './ask.js'
import { type CallJudgement, judgeCaller } from './caller.js'
import { refuseCall } from './interruptible.js'
import { addPendingCall, planPendingCall } from './pending-call.js'
import { readRequest } from './request.js'

/** `'force'` also interrupts calls that CPython did not make itself. */
export type NudgeMode = 'safe' | 'force'

/** One stop of the thread that made its system call return. */
export interface Nudge {
  /** `interrupt`: the call returned EINTR. `pending-call`: a pending call was added first. */
  readonly method: 'interrupt' | 'pending-call'
  readonly syscall: string
  /** For how long the thread was held, in microseconds. */
  readonly stopUs: number
}

/** For one request: a thread that comes by no more often than this for us will not come. */
const MAX_NUDGES = 6
/** For one call of a thread, which in between goes back to it. */
const MAX_NUDGES_A_CALL = 3

/** The function in which every lock of CPython waits. It is never entered with a lock that a pending call could need. */
const LOCK_FUNCTION = '_PySemaphore_Wait'

export class Nudger {
  readonly #thread: AskedThread
  readonly #mode: NudgeMode
  readonly #nudges: Nudge[] = []
  #declined: string | undefined
  #call: string | undefined
  #attempts = 0
  /** Who made `#call`, and what was found to be in the way of interrupting it. */
  #caller: CallJudgement | undefined
  #refusal: string | undefined

  constructor(thread: AskedThread, mode: NudgeMode) {
    this.#thread = thread
    this.#mode = mode
  }

  get nudges(): readonly Nudge[] {
    return this.#nudges
  }

  /** Why the thread was left alone when it was last found blocked; undefined when it was nudged then, or never was. */
  get declined(): string | undefined {
    return this.#declined
  }

  /** Why the thread would be left alone if it were nudged now, without doing so. */
  foresee(): string | undefined {
    const call = this.#readCall()
    return typeof call === 'object' ? this.#refuse(call) : undefined
  }

  /** To be called now and then while the request is pending. */
  attempt(): void {
    if (!readRequest(this.#thread.slot).pending) return
    const call = this.#readCall()
    // A call that is made again and again is met between two of them, too.
    if (call === 'running') return
    if (typeof call !== 'object') {
      this.#declined = 'what it is doing in the kernel may not be read'
      return
    }
    try {
      this.#declined = this.#refuse(call) ?? this.#nudge(call)
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'THREAD_STOP_UNAVAILABLE') throw error
      this.#declined = this.#describeObstacle(error)
    }
  }

  #readCall(): ThreadActivity {
    const { status, tid } = this.#thread
    return readActivity(status.pid, tid)
  }

  /** Why `call` is left alone. Only what speaks against a call is remembered; what speaks for it may have changed. */
  #refuse(call: SystemCall): string | undefined {
    const key = `${call.number} ${call.programCounter} ${call.stackPointer} ${call.arguments.join(' ')}`
    if (key !== this.#call) this.#attempts = 0
    if (key !== this.#call || this.#refusal === undefined) this.#refusal = this.#judgeCall(call)
    this.#call = key
    // A thread that wants the GIL, or holds it, changes between two looks at the same call.
    return this.#refusal ?? this.#refuseState(call) ?? this.#refuseMore(call)
  }

  #judgeCall(call: SystemCall): string | undefined {
    if (registersOf() === undefined) return `the registers of ${process.arch} are not known`
    const { slot, status } = this.#thread
    const refused = refuseCall(call, slot.runtime.memory)
    if (refused !== undefined) return refused
    this.#caller = judgeCaller(status.pid, slot.runtime, call)
    return this.#mode === 'force' ? undefined : this.#caller.refusal
  }

  #refuseState({ name, arguments: [futex = 0n] }: SystemCall): string | undefined {
    const { slot, status, tid } = this.#thread
    const { runtime, thread } = slot
    if (readThreadState(status.pid, tid) !== 'S')
      return 'it is stopped, or in a part of the kernel that nothing interrupts'
    if (name === 'futex' && isInGil(readMainInterpreter(runtime), Number(futex))) {
      return 'it waits for the GIL and comes by when it gets it'
    }
    // Where CPython expects to wait for long, and for signals, it gives up the GIL before.
    return readThread(runtime, thread).holdsGil
      ? `it holds the GIL in ${name}, where CPython is not prepared for an interruption`
      : undefined
  }

  #refuseMore(call: SystemCall): string | undefined {
    if (this.#attempts >= MAX_NUDGES_A_CALL || this.#nudges.length >= MAX_NUDGES) {
      return `${call.name} was interrupted ${this.#nudges.length} times, and it did not come by`
    }
    const isOfOther = this.#isLock(call) && !this.#thread.main
    return isOfOther ? 'it waits for a lock, and only the main thread can be woken from that' : undefined
  }

  /** Whether the call is a lock of CPython, which goes back to its wait when it is only interrupted. */
  #isLock({ name }: SystemCall): boolean {
    return name === 'futex' && this.#caller?.functions.includes(LOCK_FUNCTION) === true
  }

  /** Returns why it could not be done. */
  #nudge(call: SystemCall): string | undefined {
    const { slot, status } = this.#thread
    if (!this.#isLock(call)) {
      this.#stop(call, 'interrupt', interrupt)
      return undefined
    }
    const plan = planPendingCall(status.pid, slot.runtime, call)
    if (typeof plan === 'string') return plan
    const done = this.#stop(call, 'pending-call', (thread) => addPendingCall(thread, plan))
    return done ? undefined : 'there is no room on its stack for the way out of a wait for a lock'
  }

  /** Stops the thread, and runs `act` if it still stands in `call`. Returns whether there was nothing left to be done. */
  #stop(call: SystemCall, method: Nudge['method'], act: (thread: StoppedThread) => boolean): boolean {
    const { status, tid } = this.#thread
    const { result, stopUs } = withThreadStopped(status.pid, tid, (thread) => {
      const isThere = !thread.stoppedBySignal && registersOf()?.isIn(thread.readRegisters(NT_PRSTATUS), call) === true
      return isThere ? act(thread) : undefined
    })
    this.#attempts++
    if (result === true) this.#nudges.push({ method, syscall: call.name, stopUs: Math.round(stopUs * 10) / 10 })
    return result !== false
  }

  #describeObstacle({ message, details }: RemoraError): string {
    const tracer = details.tracerPid
    if (typeof tracer !== 'number') return message
    const [command = '?'] = readArguments(tracer)
    return `process ${tracer} (${command}) traces it, and only one can`
  }
}

function interrupt(thread: StoppedThread): boolean {
  const registers = thread.readRegisters(NT_PRSTATUS)
  registersOf()?.interrupt(registers)
  thread.writeRegisters(NT_PRSTATUS, registers)
  return true
}
