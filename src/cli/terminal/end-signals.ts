// The signals by which a person, a terminal or a service manager ends a command, as one AbortSignal. All commands listen
// for them here, and end what is under way in good order. A command that takes the whole screen has `full-screen.ts`.

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface EndSignalsOptions {
  /** True for a signal that is meant for what is under way: then the command goes on. */
  readonly takes?: (name: NodeJS.Signals) => boolean
  readonly onFirst?: (name: NodeJS.Signals) => void
  /** Somebody does not want to wait for the good order. */
  readonly onAgain?: (name: NodeJS.Signals) => void
}

export class EndSignals {
  readonly #abort = new AbortController()
  readonly #options: EndSignalsOptions
  readonly #listener = (name: NodeJS.Signals): void => this.#receive(name)

  constructor(options: EndSignalsOptions = {}) {
    this.#options = options
    for (const name of NAMES) process.on(name, this.#listener)
  }

  /** Aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** From here on the signals do what they do by default. */
  dispose(): void {
    for (const name of NAMES) process.off(name, this.#listener)
  }

  #receive(name: NodeJS.Signals): void {
    const { takes, onFirst, onAgain } = this.#options
    if (takes?.(name) === true) return
    const isFirst = !this.#abort.signal.aborted
    this.#abort.abort()
    if (isFirst) onFirst?.(name)
    else onAgain?.(name)
  }
}
