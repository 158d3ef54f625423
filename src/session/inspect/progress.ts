// Lets a target go on that may be in the midst of a change. CPython makes a list longer before it stores the new items:
// when the system takes the CPU from a thread just then, any number of readings agree on what the program has never had.
// Such a thread has the GIL, so what was read of the list counts when nobody has that, or when the list is still the same
// once the thread that has it has run on. Reads only.

import { readGil } from '../../cpython/gil.js'
import { readInterpreters, readThread, type ThreadState } from '../../cpython/interpreter.js'
import { readPointer } from '../../cpython/pointer.js'
import { retryTorn, unlessTorn } from '../../cpython/retry-torn.js'
import type { Address } from '../../memory/remote-memory.js'
import { nowMs, sleepSync } from '../../process/clock.js'
import { readCpuTime, readThreadState, threadIdMapper } from '../../process/threads.js'
import type { OpenProcess } from '../open-process.js'

/** All that the values of one document may wait; a process that has used up its share of CPU stands still for as long. */
const BUDGET_MS = 100
const PAUSE_MS = 1

/** The thread that has a GIL, and where in its program it is. */
interface Holder {
  readonly thread: ThreadState
  readonly place: string
}

export class Progress {
  readonly #opened: OpenProcess
  readonly #gils: readonly Address[]
  #leftMs = BUDGET_MS

  constructor(opened: OpenProcess) {
    this.#opened = opened
    const interpreters = retryTorn(() => readInterpreters(opened.runtime))
    this.#gils = [...new Set(interpreters.map(({ gil }) => gil))]
  }

  /**
   * Returns once each thread that has a GIL now has run on, or has given it up, or waits for something in the kernel, as
   * code does that is in the midst of no change. Stops waiting when the budget is used up.
   * @returns Whether any thread had a GIL.
   */
  wait(): boolean {
    return this.#gils.map((gil) => this.#waitFor(gil)).includes(true)
  }

  #waitFor(gil: Address): boolean {
    const before = this.#findHolder(gil)
    if (before === undefined) return false
    if (this.#findHolder(gil)?.place === before.place) this.#waitForHolder(gil, before)
    return true
  }

  #waitForHolder(gil: Address, before: Holder): void {
    const { pid } = this.#opened.status
    const tid = threadIdMapper(this.#opened.status)(before.thread.nativeId)
    const cpuTime = readCpuTime(pid, tid)
    const isStill = (): boolean =>
      readThreadState(pid, tid) === 'R' &&
      readCpuTime(pid, tid) === cpuTime &&
      this.#findHolder(gil)?.place === before.place
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
