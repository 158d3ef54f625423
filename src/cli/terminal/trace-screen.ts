// Shows a trace as it goes on: what happened as lines that stay, and below them, on a terminal, the aggregations, redrawn
// in place. Elsewhere these are shown once, at the end.

import type { TraceDocument } from '../../session/documents/index.js'
import { renderAggregate, renderTraceEvent, TraceColumns } from '../render/run/trace.js'
import { heightOf } from '../render/text/columns.js'
import { fitScreen } from '../render/text/fit-screen.js'
import type { Terminal } from './terminal.js'

export class TraceScreen {
  readonly #terminal: Terminal
  readonly #columns: TraceColumns
  /** Texts by process and probe. */
  readonly #aggregates = new Map<string, string>()
  /** The lines that are drawn below those that stay. */
  #drawn: readonly string[] = []

  constructor(terminal: Terminal, manyProcesses: boolean) {
    this.#terminal = terminal
    this.#columns = new TraceColumns({ manyProcesses })
  }

  async show(event: TraceDocument): Promise<void> {
    if (event.event === 'aggregate') return this.#showAggregate(event)
    const text = renderTraceEvent(event, this.#columns, this.#terminal)
    if (text !== '') await this.#draw(text)
  }

  async #showAggregate(event: TraceDocument): Promise<void> {
    const text = renderAggregate(event, this.#columns, this.#terminal)
    const key = `${event.pid}:${event.probe}`
    if (event.final === true) {
      this.#aggregates.delete(key)
      return this.#draw(text)
    }
    this.#aggregates.set(key, text)
    if (this.#terminal.columns !== undefined) await this.#draw('')
  }

  /** Lines that stay, above the aggregations of now. */
  async #draw(text: string): Promise<void> {
    const { columns, rows = 24 } = this.#terminal
    if (columns === undefined) return this.#terminal.writeOut(text)
    const height = this.#drawn.reduce((sum, line) => sum + heightOf(line, columns), 0)
    // From the first column: what somebody has typed, such as ^C, stands before the cursor.
    const clear = height > 0 ? `\r\x1b[${height}A\x1b[J` : ''
    const all = [...this.#aggregates.values()].join('')
    const below = all === '' ? '' : fitScreen(all, { columns, rows })
    this.#drawn = below.split('\n').slice(0, -1)
    await this.#terminal.writeOut(clear + text + below)
  }
}
