// The prompt on a terminal: Node's readline for the keys, the history and the completion; the colour is ours. Readline
// measures and draws plain text; on its way out the line behind the prompt gets its colour, and after each key the whole
// line is drawn again, as the colour of what stands before may have changed.

import readline from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from '../terminal/terminal.js'
import { colourPython } from './colour-python.js'
import type { History } from './history.js'

export interface LineEditorEvents {
  /** A line has been entered. */
  readonly line: (text: string) => void
  /** Ctrl-C. */
  readonly interrupt: () => void
  /** Ctrl-D, or the terminal has gone. */
  readonly end: () => void
  readonly complete: (word: string) => Promise<readonly string[]>
}

/** What a completion is for: a name with its attributes, at the end of what has been typed. */
const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u
const INDENT = '    '

export class LineEditor {
  readonly #terminal: Terminal
  readonly #history: History
  readonly #events: LineEditorEvents
  readonly #interface: readline.Interface
  #prompting = false
  #abandoning = false

  constructor(terminal: Terminal, history: History, events: LineEditorEvents) {
    this.#terminal = terminal
    this.#history = history
    this.#events = events
    this.#interface = readline.createInterface({
      input: terminal.stdin,
      output: this.#colouring(),
      terminal: true,
      history: history.read(),
      historySize: 1_000,
      removeHistoryDuplicates: true,
      tabSize: INDENT.length,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void this.#complete(line).then((result) => done(null, result))
      },
    })
    this.#interface.on('line', (text) => this.#onLine(text))
    this.#interface.on('SIGINT', events.interrupt)
    this.#interface.on('close', events.end)
    terminal.stdin.on('keypress', this.#onKey)
  }

  prompt(prompt: string): void {
    this.#prompting = true
    this.#interface.setPrompt(prompt)
    this.#interface.prompt()
  }

  /** Leaves what has been typed where it stands, unused. */
  abandon(): void {
    this.#abandoning = true
    this.#interface.write(null, { name: 'return' })
    this.#abandoning = false
  }

  close(): void {
    this.#terminal.stdin.off('keypress', this.#onKey)
    this.#interface.close()
  }

  readonly #onKey = (): void => {
    if (this.#prompting && this.#interface.line !== '') this.#interface.prompt(true)
  }

  #onLine(text: string): void {
    this.#prompting = false
    if (this.#abandoning) return
    if (text.trim() !== '') this.#history.add(text)
    this.#events.line(text)
  }

  async #complete(line: string): Promise<[string[], string]> {
    // At the begin of a line, Tab indents.
    if (line.trim() === '') return [[line + INDENT], line]
    const [word = ''] = WORD.exec(line) ?? []
    return [word === '' ? [] : [...(await this.#events.complete(word))], word]
  }

  /** What readline writes to: stdout, with the line behind the prompt in colour. */
  #colouring(): NodeJS.WritableStream {
    const { stdout } = process
    const output = new Writable({
      decodeStrings: false,
      write: (text: string | Buffer, _encoding, done) => {
        const prompt = this.#interface?.getPrompt() ?? ''
        const plain = text.toString()
        const isLine = this.#prompting && prompt !== '' && plain.startsWith(prompt)
        stdout.write(isLine ? prompt + colourPython(plain.slice(prompt.length), this.#terminal.style) : plain)
        done()
      },
    })
    stdout.on('resize', () => output.emit('resize'))
    return Object.defineProperties(output, {
      isTTY: { value: true },
      columns: { get: () => stdout.columns },
      rows: { get: () => stdout.rows },
    })
  }
}
