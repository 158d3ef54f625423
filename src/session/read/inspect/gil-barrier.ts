// The GIL barrier: waits until a target that may be in the midst of a change has gone on. CPython makes a list longer
// before it stores the new items. When the system takes the CPU from a thread just then, any number of readings agree on
// what the program has never had. Such a thread has the GIL. So what was read of the list counts when no thread has the
// GIL, or when the list is still the same once the thread that has it has run on. The barrier only reads.

import { readPointer } from '../../../cpython/pointer.js'
import { retryTorn, unlessTorn } from '../../../cpython/retry-torn.js'
import { readGil } from '../../../cpython/runtime/gil.js'
import { readInterpreters, readThread, type ThreadState } from '../../../cpython/runtime/interpreter.js'
import type { Barrier } from '../../../cpython/values/value-reader.js'
import type { Address } from '../../../memory/remote-memory.js'
import { nowMs, sleepSync } from '../../../process/clock.js'
import { readCpuTime, readThreadState, threadIdMapper } from '../../../process/threads/threads.js'
import type { OpenProcess } from '../../target/open-process.js'

/** All that the values of one document may wait: for threads that get no CPU, or are in a long call of C code. */
const BUDGET_MS = 50
const PAUSE_MS = 1

/** The thread that has a GIL, and where in its program it is. */
interface Holder {
  readonly thread: ThreadState
  readonly place: string
}

export class GilBarrier implements Barrier {
  readonly #opened: OpenProcess
  readonly #gils: readonly Address[]
  #leftMs = BUDGET_MS

  constructor(opened: OpenProcess) {
    this.#opened = opened
    const interpreters = retryTorn(() => readInterpreters(opened.runtime))
    this.#gils = [...new Set(interpreters.map(({ gil }) => gil))]
  }

  /** Whether a thread has a GIL now: without one, nothing changes. */
  isNeeded(): boolean {
    const { runtime } = this.#opened
    // That of a subinterpreter may have gone.
    return this.#gils.some((gil) => unlessTorn(() => readGil(runtime, gil).holder !== 0, false))
  }

  /**
   * Returns once each thread that has a GIL now has run on, or has given it up, or waits for something in the kernel, as
   * code does that is in the midst of no change. False when the budget is used up, with which waiting stops.
   */
  wait(): boolean {
    for (const gil of this.#gils) this.#waitFor(gil)
    return this.#leftMs > 0
  }

  #waitFor(gil: Address): void {
    const before = this.#findHolder(gil)
    const isThere = (): boolean => this.#findHolder(gil)?.place === before?.place
    if (before === undefined || !isThere()) return
    const { pid } = this.#opened.status
    const tid = threadIdMapper(this.#opened.status)(before.thread.nativeId)
    const cpuTime = readCpuTime(pid, tid)
    const isStill = (): boolean => readThreadState(pid, tid) === 'R' && readCpuTime(pid, tid) === cpuTime && isThere()
    while (this.#leftMs > 0 && isStill()) {
      const start = nowMs()
      sleepSync(PAUSE_MS)
      this.#leftMs -= nowMs() - start
    }
  }

  /** Undefined where nobody has it, and where that changed as it was read. */
  #findHolder(gil: Address): Holder | undefined {
    const { runtime } = this.#opened
    const find = (): Holder | undefined => {
      const { holder, switches } = readGil(runtime, gil)
      if (holder === 0) return undefined
      const thread = readThread(runtime, holder)
      const { currentFrame } = thread
      const { instr_ptr } = runtime.offsets.interpreter_frame
      const instruction = currentFrame === 0 ? 0 : readPointer(runtime.memory, currentFrame + instr_ptr)
      return { thread, place: `${holder} ${switches} ${currentFrame} ${instruction}` }
    }
    return unlessTorn(find, undefined)
  }
}
