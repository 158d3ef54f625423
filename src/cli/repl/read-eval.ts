// Gathers lines to statements, has them run one after the other, and shows what comes of them. Whether a text is
// complete the target itself decides, whose grammar it is.

import { RemoraError } from '../../errors/remora-error.js'
import type { ReplDocument } from '../../session/documents/index.js'
import type { LineOptions, Repl } from '../../session/run/repl.js'
import { renderError } from '../render/error.js'
import { renderOutcome } from '../render/run/exec.js'
import { passThrough } from '../terminal/pass-through.js'
import type { Terminal } from '../terminal/terminal.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'
import { runColonCommand } from './colon-commands.js'

/** What goes on with a block at its own indentation. */
const CLAUSE = /^(?:elif|else|except|finally|case)\b/

export interface ReadEvalOptions extends Pick<LineOptions, 'timeoutMs' | 'runTimeoutMs' | 'nudge'> {
  readonly json: boolean
  /** Lines come from a person, who ends a block with an empty one. */
  readonly interactive: boolean
}

/** How a line ended, for the exit code of those that are no person's. */
export type LineOutcome = ReplDocument['outcome'] | 'unfinished'

export class ReadEval {
  readonly #repl: Repl
  readonly #terminal: Terminal
  readonly #options: ReadEvalOptions
  #text = ''
  /** What the target said of the text so far. */
  #unfinished: ReplDocument['unfinished']
  #abort: AbortController | undefined
  /** Whether Ctrl-C has ended the last line. */
  #aborted = false

  constructor(repl: Repl, terminal: Terminal, options: ReadEvalOptions) {
    this.#repl = repl
    this.#terminal = terminal
    this.#options = options
  }

  /** Whether the next line goes on with what has been entered. */
  get continues(): boolean {
    return this.#text !== ''
  }

  /** Whether a line is running. */
  get running(): boolean {
    return this.#abort !== undefined
  }

  /** Whether the line is for us, and not for the target: there, `exit()` closes the program's standard input. */
  isEnd(line: string): boolean {
    return this.#text === '' && /^(?:exit|quit)\s*(?:\(\s*\))?\s*$/.test(line)
  }

  /** Ctrl-C: interrupts the line that runs, withdraws the one that waits, throws away what is not complete. */
  interrupt(): void {
    this.#text = ''
    this.#abort?.abort()
  }

  async enter(line: string): Promise<LineOutcome> {
    if (this.#text === '') {
      if (line.startsWith(':')) return this.#runColonCommand(line)
      return line.trim() === '' ? 'completed' : this.#try(line)
    }
    if (this.#unfinished === 'open' && this.#options.interactive && line.trim() === '') return this.end()
    if (this.#unfinished === 'open' && /^[^\s#]/.test(line) && !CLAUSE.test(line)) {
      const outcome = await this.end()
      return outcome === 'completed' || this.#options.interactive ? this.enter(line) : outcome
    }
    return this.#try(`${this.#text}\n${line}`)
  }

  /** Nothing more follows what has been entered. */
  async end(): Promise<LineOutcome> {
    if (this.#text === '') return 'completed'
    const text = this.#text
    this.#text = ''
    return this.#try(text, true)
  }

  async #try(text: string, final = false): Promise<LineOutcome> {
    const document = await this.#run(text, final)
    if (document.unfinished !== undefined) {
      this.#text = text
      this.#unfinished = document.unfinished
      return 'unfinished'
    }
    this.#text = ''
    const { json } = this.#options
    if (json) await this.#terminal.writeOut(`${JSON.stringify(document)}\n`)
    else await this.#terminal.writeError(renderOutcome(document, this.#aborted))
    return document.outcome
  }

  async #run(text: string, final: boolean): Promise<ReplDocument> {
    const { json, timeoutMs, runTimeoutMs, nudge } = this.#options
    const abort = new AbortController()
    this.#abort = abort
    const notice = new WaitingNotice(this.#terminal)
    try {
      return await notice.during(() =>
        this.#repl.run(text, {
          final,
          timeoutMs,
          runTimeoutMs,
          nudge,
          signal: abort.signal,
          onWaiting: (activity, info) => notice.show(activity, info),
          ...(json ? {} : { onOutput: passThrough(this.#terminal, notice) }),
        }),
      )
    } finally {
      this.#aborted = abort.signal.aborted
      this.#abort = undefined
    }
  }

  async #runColonCommand(line: string): Promise<LineOutcome> {
    try {
      await this.#terminal.writeOut(await runColonCommand(this.#repl, line, this.#terminal))
      return 'completed'
    } catch (error) {
      if (!(error instanceof RemoraError) || !this.#options.interactive) throw error
      await this.#terminal.writeError(renderError(error))
      return 'raised'
    }
  }
}
