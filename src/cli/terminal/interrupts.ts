// Ctrl-C while code runs in a target: the first one interrupts the code, the second one gives it up.

import type { WritableTarget } from '../../session/run/writable-target.js'
import { EndSignals } from './end-signals.js'
import type { Terminal } from './terminal.js'

const INTERRUPTING = 'remora: interrupting the code; Ctrl-C again to give up\n'

export class Interrupts {
  readonly #pid: number
  readonly #target: WritableTarget
  readonly #terminal: Terminal
  readonly #signals = new EndSignals({
    onFirst: (name) => name === 'SIGINT' && this.#announce(),
    onAgain: (name) => name === 'SIGINT' && this.#giveUp(),
  })
  #patience: NodeJS.Timeout | undefined

  constructor(pid: number, target: WritableTarget, terminal: Terminal) {
    this.#pid = pid
    this.#target = target
    this.#terminal = terminal
  }

  get signal(): AbortSignal {
    return this.#signals.signal
  }

  dispose(): void {
    clearTimeout(this.#patience)
    this.#signals.dispose()
  }

  /** Only if it takes a while: most scripts end before anyone could read it. */
  #announce(): void {
    this.#patience = setTimeout(() => void this.#terminal.writeError(INTERRUPTING), 100)
  }

  #giveUp(): void {
    const left = `remora: gave up; the code still runs in process ${this.#pid} and ends at its next instruction\n`
    void this.#terminal.writeError(left).then(() => {
      this.#target.dispose()
      process.exit(1)
    })
  }
}
