// A session with a person at a terminal: prompts, and one line after the other. Lines that are pasted, or typed while
// another one runs, wait for their turn.

import { RemoraError } from '../../errors/remora-error.js'
import type { TargetInfo } from '../../session/documents/index.js'
import type { Repl } from '../../session/run/repl.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import { runExitCodes } from '../exit-codes.js'
import { renderError } from '../render/error.js'
import type { Terminal } from '../terminal/terminal.js'
import { History } from './history.js'
import { LineEditor } from './line-editor.js'
import type { LineOutcome, ReadEval } from './read-eval.js'

const PROMPT = '>>> '
const MORE_PROMPT = '... '

export class Conversation {
  readonly #repl: Repl
  readonly #readEval: ReadEval
  readonly #terminal: Terminal
  readonly #waiting: string[] = []
  #ended = false
  #wake: (() => void) | undefined

  constructor(repl: Repl, readEval: ReadEval, terminal: Terminal) {
    this.#repl = repl
    this.#readEval = readEval
    this.#terminal = terminal
  }

  /** Returns the exit code when the person leaves, or the target has gone. */
  async hold({ pid, python, command }: TargetInfo, ending: AbortSignal): Promise<number> {
    await this.#terminal.writeOut(
      `Python ${python} in process ${pid} (${escapeControls(command)}); :help, Ctrl-D leaves\n`,
    )
    const editor = new LineEditor(this.#terminal, new History(), {
      line: (text) => this.#add(text),
      interrupt: () => this.#interrupt(editor),
      end: () => this.#end(),
      complete: (word) => this.#complete(word),
    })
    ending.addEventListener('abort', () => this.#end())
    try {
      editor.prompt(PROMPT)
      for (;;) {
        const line = await this.#next()
        if (line === undefined || this.#readEval.isEnd(line)) return 0
        const outcome = await this.#enter(line)
        if (outcome === 'exited') return runExitCodes.exited
        // Lines that wait stand on the screen already.
        if (!this.#ended && this.#waiting.length === 0) editor.prompt(this.#readEval.continues ? MORE_PROMPT : PROMPT)
      }
    } finally {
      editor.close()
      await this.#terminal.writeOut('\n')
    }
  }

  async #enter(line: string): Promise<LineOutcome> {
    try {
      return await this.#readEval.enter(line)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      await this.#terminal.writeError(renderError(error))
      return error.code === 'TARGET_EXITED' ? 'exited' : 'raised'
    }
  }

  #add(line: string): void {
    this.#waiting.push(line)
    this.#wake?.()
  }

  #end(): void {
    this.#ended = true
    this.#readEval.interrupt()
    this.#wake?.()
  }

  async #next(): Promise<string | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#ended ? undefined : this.#waiting.shift()
  }

  /** What waits to be run is not wanted any more, either. */
  #interrupt(editor: LineEditor): void {
    const wasRunning = this.#readEval.running
    this.#waiting.length = 0
    this.#readEval.interrupt()
    if (wasRunning) return
    editor.abandon()
    void this.#terminal.writeOut('KeyboardInterrupt\n').then(() => editor.prompt(PROMPT))
  }

  async #complete(word: string): Promise<readonly string[]> {
    try {
      return await this.#repl.complete(word)
    } catch (error) {
      if (error instanceof RemoraError) return []
      throw error
    }
  }
}
