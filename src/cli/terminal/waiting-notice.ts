// The notice that says why a script has not started yet. On a terminal there is one, which changes with the reason and
// goes when the wait is over; elsewhere the first reason is a line that stays, and how it ended is said at the end.

import type { ThreadActivityInfo, ThreadInfo } from '../../session/documents/index.js'
import { renderWaiting } from '../render/run/exec.js'
import { heightOf } from '../render/text/columns.js'
import type { Terminal } from './terminal.js'

const ERASE_BELOW = '\x1b[J'

export class WaitingNotice {
  readonly #terminal: Terminal
  readonly #told = new Set<number>()
  /** Rows of the terminal that the notice takes. */
  #rows = 0

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Does what may have to wait; afterwards nothing of the notice is left, however it ends. */
  async during<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } finally {
      this.clear()
    }
  }

  /** To be called when a thread is kept by something else, or by something for the first time. */
  show(activity: ThreadActivityInfo, thread: ThreadInfo): void {
    const { errorColumns: columns } = this.#terminal
    const text = renderWaiting(activity, thread)
    if (columns === undefined) {
      if (!this.#told.has(thread.id)) void this.#terminal.writeError(`${text}\n`)
      this.#told.add(thread.id)
      return
    }
    void this.#terminal.writeError(this.#erase() + text)
    this.#rows = heightOf(text, columns)
  }

  /** To be called before anything else is printed. */
  clear(): void {
    const erased = this.#erase()
    if (erased !== '') void this.#terminal.writeError(erased)
    this.#rows = 0
  }

  /** Goes back to where the notice begins. */
  #erase(): string {
    if (this.#rows === 0) return ''
    const up = this.#rows === 1 ? '' : `\x1b[${this.#rows - 1}A`
    return `\r${up}${ERASE_BELOW}`
  }
}
