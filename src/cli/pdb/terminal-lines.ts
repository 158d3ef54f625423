// Lines that a person types: with a history, completion by the target, and Ctrl-C and Ctrl-D as words of their own. The
// terminal stays in raw mode while the program runs: a Ctrl-C that came between two modes would be lost.

import readline from 'node:readline'
import type { OpenPrompt } from '../../pdb/serve-front-end.js'
import type { LineSource, TypedLine } from './line-source.js'

/** Where a word begins, for completion. Follows Lib/pdb.py (set_completer_delims) at v3.14.3. */
const WORD = /[^\s`@#%^&*()=+[{\]}\\|;:'",<>?]*$/
const HISTORY_SIZE = 1_000

export interface TerminalLinesOptions {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /** Resolves when the target has gone: nobody waits for a line any more. */
  readonly gone: Promise<void>
  /** Called for Ctrl-C, and for Ctrl-D, while no prompt is open: it is meant for what runs. */
  readonly onInterrupt: () => void
}

export class TerminalLines implements LineSource {
  readonly #options: TerminalLinesOptions
  /** What was typed, or pasted, before it was asked for. */
  readonly #ahead: string[] = []
  #history: string[] = []
  #reader: readline.Interface | undefined
  #open: { readonly prompt: OpenPrompt; readonly more: boolean } | undefined
  #waiting: ((typed: TypedLine) => void) | undefined
  #ended = false

  constructor(options: TerminalLinesOptions) {
    this.#options = options
    void options.gone.then(() => this.#end())
  }

  async readLine(prompt: string, open: OpenPrompt, more: boolean): Promise<TypedLine> {
    const ahead = this.#ahead.shift()
    if (ahead !== undefined) {
      this.#options.output.write(`${prompt}${ahead}\n`)
      return { line: ahead }
    }
    if (this.#ended) return { signal: 'EOF' }
    this.#reader ??= this.#openReader()
    this.#open = { prompt: open, more }
    this.#reader.setPrompt(prompt)
    this.#reader.prompt(true)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Leaves the terminal to somebody else until the next line is read. */
  close(): void {
    const reader = this.#reader
    this.#reader = undefined
    reader?.close()
  }

  #openReader(): readline.Interface {
    const { input, output } = this.#options
    const reader = readline.createInterface({
      input,
      output,
      history: [...this.#history],
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: (line: string, done: Completed) => void this.#complete(line).then((found) => done(null, found)),
    })
    reader.on('history', (history) => {
      this.#history = history
    })
    reader.on('line', (line) => {
      if (!this.#answer({ line })) this.#ahead.push(line)
    })
    reader.on('SIGINT', () => this.#onInterrupt())
    reader.on('close', () => {
      if (this.#reader === reader) this.#onClose()
    })
    return reader
  }

  /** At a prompt, what was typed so far goes, and with it the reader. */
  #onInterrupt(): void {
    if (this.#waiting === undefined) this.#options.onInterrupt()
    else {
      this.close()
      this.#endLine('INT')
    }
  }

  /** Ctrl-D leaves the prompt that is open: the one below it may still take lines. Or the terminal has gone. */
  #onClose(): void {
    const { input } = this.#options
    if (this.#waiting === undefined || input.readableEnded || input.destroyed) this.#end()
    else {
      this.#reader = undefined
      this.#endLine('EOF')
    }
  }

  /** No more lines. While the program runs it is stopped first, so that it can be left. */
  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.close()
    if (this.#waiting === undefined) this.#options.onInterrupt()
    else this.#endLine('EOF')
  }

  #endLine(signal: 'INT' | 'EOF'): void {
    this.#options.output.write('\n')
    this.#answer({ signal })
  }

  #answer(typed: TypedLine): boolean {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#open = undefined
    waiting?.(typed)
    return waiting !== undefined
  }

  async #complete(line: string): Promise<[string[], string]> {
    if (this.#open === undefined) return [[], '']
    return completeLine(line, this.#open.prompt, this.#open.more)
  }
}

type Completed = (error: null, result: [string[], string]) => void

/** Completions of the word before the cursor. In a block, the target is made to take the line for Python. */
async function completeLine(typed: string, open: OpenPrompt, more: boolean): Promise<[string[], string]> {
  const [text = ''] = WORD.exec(typed) ?? []
  if (open.state !== 'pdb' && open.state !== 'interact') return [[], text]
  const line = (more ? '! ' : '') + typed.trimStart()
  const endidx = line.length
  const found = await open.complete({ text, line, begidx: endidx - text.length, endidx })
  return [[...new Set(found)], text]
}
