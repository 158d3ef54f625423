// Ctrl-C and the end of this process while code runs in a target: what is under way there is always ended in good order.

import type { Requests } from '../../session/run/requests.js'
import { onEndSignals } from './end-signals.js'
import type { Terminal } from './terminal.js'

const INTERRUPTING = 'remora: interrupting the code; Ctrl-C again to give up\n'

export class Interrupts {
  readonly #abort = new AbortController()
  readonly #pid: number
  readonly #target: Requests
  readonly #terminal: Terminal
  readonly #stopListening: () => void
  #patience: NodeJS.Timeout | undefined

  constructor(pid: number, target: Requests, terminal: Terminal) {
    this.#pid = pid
    this.#target = target
    this.#terminal = terminal
    this.#stopListening = onEndSignals(
      () => this.#interrupt(),
      () => this.#abort.abort(),
    )
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  dispose(): void {
    clearTimeout(this.#patience)
    this.#stopListening()
  }

  #interrupt(): void {
    if (!this.#abort.signal.aborted) {
      this.#abort.abort()
      // Said only if it takes a while: most scripts end before anyone could read it.
      this.#patience = setTimeout(() => void this.#terminal.writeError(INTERRUPTING), 100)
      return
    }
    const left = `remora: gave up; the code still runs in process ${this.#pid} and ends at its next instruction\n`
    void this.#terminal.writeError(left).then(() => {
      this.#target.dispose()
      process.exit(1)
    })
  }
}
