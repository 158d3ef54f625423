// Brings a blocked thread to a safe point: its system call returns EINTR as if a signal handler had run, CPython looks what there
// is to do, finds our request, and afterwards makes the call again with the time that is left. Done only where that was
// seen to leave the program as it was (`interruptible.ts`), only to calls of CPython itself (`caller.ts`), only a few
// times, and in doubt not at all: then it says why.

import { isInGil } from '../cpython/runtime/gil.js'
import { readMainInterpreter, readThread } from '../cpython/runtime/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import { ARCHITECTURE } from '../native/machine.js'
import { readArguments } from '../process/status.js'
import { type Look, NT_PRSTATUS, registersOf } from '../process/stop/interrupted-call.js'
import { type StoppedThread, withThreadStopped } from '../process/stop/thread-stop.js'
import { readActivity, readThreadState, type SystemCall, type ThreadActivity } from '../process/threads/threads.js'
import { type CallerClass, classifyCaller } from '../unwind/native/classify-caller.js'
import { refuseCall } from '../unwind/native/interruptible.js'
import type { AskedThread } from './asked-thread.js'
import { addPendingCall, planPendingCall } from './pending-call.js'
import { readRequest } from './request.js'

/** `'force'` also interrupts calls that CPython did not make itself. */
export type NudgeMode = 'safe' | 'force'

/** One stop of the thread that made its system call return. */
export interface Nudge {
  /** `interrupt`: the call returned EINTR. `pending-call`: a pending call was added first. */
  readonly method: 'interrupt' | 'pending-call'
  readonly syscall: string
  /** For how long the thread was held, in microseconds: to see who made the call, where that takes a stop, and for this. */
  readonly stopUs: number
}

/** For one request: a thread that so many nudges have brought to no safe point is left alone. */
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
  #call: SystemCall | undefined
  #attempts = 0
  /** Who made `#call`, and what was found to be in the way of interrupting it. */
  #caller: CallerClass | undefined
  /** Those that the thread had in `#call`, where it takes a stop to see who made it. */
  #registers: ReadonlyMap<number, number> | undefined
  /** For how long it has been held since the last nudge. */
  #heldUs = 0
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

  /**
   * Why the thread would be left alone if it were nudged now, without doing so, and without a stop: where it takes one
   * to see who made the call, that is left open.
   */
  foresee(): string | undefined {
    const call = this.#readCall()
    return typeof call === 'object' ? this.#refuse(call, { mayStop: false }) : undefined
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
      this.#declined = this.#refuse(call, { mayStop: true }) ?? this.#nudge(call)
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'THREAD_STOP_UNAVAILABLE') throw error
      this.#declined = this.#describeObstacle(error)
    }
  }

  /** After a stop, a sleep or a poll goes on in the same place as `restart_syscall`: it is still the call that it was. */
  #readCall(): ThreadActivity {
    const { status, tid } = this.#thread
    const call = readActivity(status.pid, tid)
    const goesOn = typeof call === 'object' && call.name === 'restart_syscall' && isSamePlace(call, this.#call)
    return goesOn ? this.#call : call
  }

  /** Why `call` is left alone. Only what speaks against a call is remembered; what speaks for it may have changed. */
  #refuse(call: SystemCall, { mayStop }: { mayStop: boolean }): string | undefined {
    const isSame = call.number === this.#call?.number && isSamePlace(call, this.#call)
    if (!isSame) [this.#attempts, this.#registers, this.#refusal] = [0, undefined, undefined]
    this.#call = call
    this.#refusal ??= refuseCall(call, this.#thread.slot.runtime.memory)
    return this.#refusal ?? this.#refuseState(call) ?? this.#refuseCaller(call, mayStop) ?? this.#refuseGil(call)
  }

  /** What is seen without a stop, and may be different at the next look at the same call. */
  #refuseState({ name, arguments: [futex = 0n] }: SystemCall): string | undefined {
    const { slot, status, tid } = this.#thread
    if (readThreadState(status.pid, tid) !== 'S')
      return 'it is stopped, or in a part of the kernel that nothing interrupts'
    if (name === 'futex' && isInGil(readMainInterpreter(slot.runtime), Number(futex)))
      return 'it waits for the GIL and reaches a safe point when it has it'
    return this.#attempts >= MAX_NUDGES_A_CALL || this.#nudges.length >= MAX_NUDGES
      ? `${name} was interrupted ${this.#nudges.length} times, and the thread reached no safe point`
      : undefined
  }

  #refuseCaller(call: SystemCall, mayStop: boolean): string | undefined {
    const architecture = registersOf()
    if (architecture === undefined) return `the registers of ${ARCHITECTURE} are not known`
    if (architecture.look !== undefined) {
      if (!mayStop) return undefined
      this.#registers ??= this.#look(call, architecture.look)
      // As one that is met between two calls.
      if (this.#registers === undefined) return this.#declined ?? `it has just left ${call.name}`
    }
    const { main, slot, status } = this.#thread
    this.#caller = classifyCaller(status.pid, slot.runtime, call, this.#registers)
    if (this.#mode !== 'force') this.#refusal = this.#caller.refusal
    const isOfOther = this.#isLock(call) && !main
    return (
      this.#refusal ?? (isOfOther ? 'it waits for a lock, and only the main thread can be woken from that' : undefined)
    )
  }

  /** Where CPython expects to wait for long, and for signals, it gives up the GIL before. */
  #refuseGil({ name }: SystemCall): string | undefined {
    const { runtime, thread } = this.#thread.slot
    return readThread(runtime, thread).holdsGil
      ? `it holds the GIL in ${name}, where CPython is not prepared for an interruption`
      : undefined
  }

  /** The registers of a thread that stands in `call`, which goes on. */
  #look(call: SystemCall, { read, resume }: Look): ReadonlyMap<number, number> | undefined {
    return this.#hold(call, (thread) => {
      const registers = thread.readRegisters(NT_PRSTATUS)
      const values = read(registers)
      if (resume(registers, call)) thread.writeRegisters(NT_PRSTATUS, registers)
      return values
    })
  }

  /** Whether the call is a lock of CPython, which goes back to its wait when it is only interrupted. */
  #isLock({ name }: SystemCall): boolean {
    return name === 'futex' && this.#caller?.functions.includes(LOCK_FUNCTION) === true
  }

  /** Returns why it could not be done. */
  #nudge(call: SystemCall): string | undefined {
    const { slot, status } = this.#thread
    if (!this.#isLock(call)) {
      this.#interrupt(call, 'interrupt', (thread) => interrupt(thread, call))
      return undefined
    }
    const plan = planPendingCall(status.pid, slot.runtime, call)
    if (typeof plan === 'string') return plan
    const done = this.#interrupt(call, 'pending-call', (thread) => addPendingCall(thread, call, plan))
    return done ? undefined : 'there is no room on its stack for the way out of a wait for a lock'
  }

  /** Runs `act` on the thread if it still stands in `call`. Returns whether there was nothing left to be done. */
  #interrupt(call: SystemCall, method: Nudge['method'], act: (thread: StoppedThread) => boolean): boolean {
    const result = this.#hold(call, act)
    this.#attempts++
    if (result === true) {
      this.#nudges.push({ method, syscall: call.name, stopUs: Math.round(this.#heldUs * 10) / 10 })
      this.#heldUs = 0
    }
    return result !== false
  }

  /** Stops the thread, and runs `act` if it still stands in `call`. */
  #hold<T>(call: SystemCall, act: (thread: StoppedThread) => T): T | undefined {
    const { status, tid } = this.#thread
    const { result, stopUs } = withThreadStopped(status.pid, tid, (thread) => {
      const isThere = !thread.stoppedBySignal && registersOf()?.isIn(thread.readRegisters(NT_PRSTATUS), call) === true
      return isThere ? act(thread) : undefined
    })
    this.#heldUs += stopUs
    return result
  }

  #describeObstacle({ message, details }: RemoraError): string {
    const tracer = details.tracerPid
    if (typeof tracer !== 'number') return message
    const [command = '?'] = readArguments(tracer)
    return `process ${tracer} (${command}) traces it, and only one can`
  }
}

function isSamePlace(call: SystemCall, other: SystemCall | undefined): boolean {
  return (
    call.programCounter === other?.programCounter &&
    call.stackPointer === other.stackPointer &&
    call.arguments.join() === other.arguments.join()
  )
}

function interrupt(thread: StoppedThread, call: SystemCall): boolean {
  const registers = thread.readRegisters(NT_PRSTATUS)
  registersOf()?.interrupt(registers, call)
  thread.writeRegisters(NT_PRSTATUS, registers)
  return true
}
