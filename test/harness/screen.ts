// A terminal with a person at it: the built command line runs on a pty, and what it writes is drawn on a screen, of which
// a test reads what a person would see.

import { type IPty, spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { onTestFinished } from 'vitest'
import { cliPath } from './remora.js'

export interface ScreenOptions {
  readonly columns?: number
  readonly rows?: number
  /** Whether the command may use colours; false by default. */
  readonly colour?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export const keys = {
  enter: '\r',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  backspace: '\x7f',
  ctrlC: '\x03',
  ctrlD: '\x04',
} as const

/** Stands for the cursor in `textWithCursor`. */
const CURSOR = '█'

/** How long a test waits for something to appear; the text that is there instead is then its failure. */
const PATIENCE_MS = 20_000

/** Starts `remora` with these words on a terminal of its own. It ends with the test at the latest. */
export function openScreen(words: readonly (string | number)[], options: ScreenOptions = {}): Screen {
  const { columns: cols = 80, rows = 24, colour = false, env = {} } = options
  const child = spawn(process.execPath, [cliPath, ...words.map(String)], {
    cols,
    rows,
    name: 'xterm-256color',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      TERM: 'xterm-256color',
      ...(colour ? {} : { NO_COLOR: '1' }),
      ...env,
    },
  })
  const screen = new Screen(child, new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 5_000 }))
  onTestFinished(() => screen.kill())
  return screen
}

export class Screen {
  readonly #child: IPty
  readonly #terminal: xterm.Terminal
  readonly #exit: Promise<number>
  readonly #watchers = new Set<() => void>()
  #ended = false

  constructor(child: IPty, terminal: xterm.Terminal) {
    this.#child = child
    this.#terminal = terminal
    child.onData((text) => terminal.write(text, () => this.#look()))
    // What the command asks the terminal, such as its cursor's place, is answered by the terminal.
    terminal.onData((text) => child.write(text))
    this.#exit = new Promise((resolve) => {
      child.onExit(({ exitCode }) => {
        // Behind all that it has written.
        terminal.write('', () => {
          this.#ended = true
          this.#look()
          resolve(exitCode)
        })
      })
    })
  }

  get pid(): number {
    return this.#child.pid
  }

  /** Whether a line that matches has characters in another colour than the terminal's own. */
  isColoured(pattern: RegExp): boolean {
    const buffer = this.#terminal.buffer.active
    return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)).some((line) => {
      if (line === undefined || !pattern.test(line.translateToString(true))) return false
      const cells = Array.from({ length: line.length }, (_, column) => line.getCell(column))
      return cells.some((cell) => cell !== undefined && !cell.isFgDefault())
    })
  }

  /** Types texts as they are; see `keys` for keys without a character. */
  type(...texts: readonly string[]): void {
    this.#child.write(texts.join(''))
  }

  enter(line: string): void {
    this.type(`${line}${keys.enter}`)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    this.#child.resize(columns, rows)
  }

  /** Everything that was written, as it looks, without blanks at the ends of lines and empty lines at the end. */
  get text(): string {
    const lines = this.#lines().map((line) => line.trimEnd())
    return lines.join('\n').trimEnd()
  }

  /** As `text`, and the cursor as `█` in its place. */
  get textWithCursor(): string {
    const { column, row } = this.cursor
    const lines = this.#lines()
    const line = (lines[row] ?? '').padEnd(column)
    lines[row] = `${line.slice(0, column)}${CURSOR}${line.slice(column + 1)}`
    return lines.join('\n').trimEnd()
  }

  /** The colours of the line with the cursor: for each run of equal ones the text and the number, -1 for none. */
  get colours(): [string, number][] {
    const { baseY, cursorY } = this.#terminal.buffer.active
    const line = this.#terminal.buffer.active.getLine(baseY + cursorY)
    const runs: [string, number][] = []
    for (let column = 0; column < (line?.length ?? 0); column++) {
      const cell = line?.getCell(column)
      const colour = cell?.isFgDefault() ? (cell.isBold() ? -2 : cell.isDim() ? -3 : -1) : (cell?.getFgColor() ?? -1)
      const last = runs.at(-1)
      if (last?.[1] === colour) last[0] += cell?.getChars() || ' '
      else runs.push([cell?.getChars() || ' ', colour])
    }
    return runs.map(([text, colour]): [string, number] => [text.trim(), colour]).filter(([text]) => text !== '')
  }

  /** Column and row of the cursor, counted from the first line that was ever written. */
  get cursor(): { readonly column: number; readonly row: number } {
    const { cursorX, cursorY, baseY } = this.#terminal.buffer.active
    return { column: cursorX, row: baseY + cursorY }
  }

  /**
   * Waits until the text matches, and returns it. A string is how the text ends, with its cursor; so is a pattern that
   * has the cursor in it. A function says by itself.
   */
  async until(pattern: RegExp | string | ((text: string) => boolean)): Promise<string> {
    const isSeen = (): boolean => {
      // A person sees such an update when it is whole, in however many pieces it comes.
      if (this.#terminal.modes.synchronizedOutputMode) return false
      if (typeof pattern === 'function') return pattern(this.text)
      if (typeof pattern === 'string') return this.textWithCursor.endsWith(pattern)
      return pattern.test(pattern.source.includes(CURSOR) ? this.textWithCursor : this.text)
    }
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#watchers.delete(watch)
        settle()
      }
      const watch = (): void => {
        if (isSeen()) finish(() => resolve(this.text))
        else if (this.#ended) finish(() => reject(new Error(`it ended before ${pattern} was seen:\n${this.text}`)))
      }
      const timer = setTimeout(() => {
        finish(() => reject(new Error(`${pattern} was not seen; there is:\n${this.text}`)))
      }, PATIENCE_MS)
      this.#watchers.add(watch)
      watch()
    })
  }

  /** The exit code, once it has ended. */
  async exited(): Promise<number> {
    return this.#exit
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#ended) this.#child.kill(name)
  }

  /** Closes the terminal's window, as when the terminal is killed: the kernel says so to whoever runs on it. */
  hangUp(): void {
    const terminal = this.#child as IPty & { destroy(): void }
    terminal.destroy()
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#exit
    this.#terminal.dispose()
  }

  #lines(): string[] {
    const buffer = this.#terminal.buffer.active
    return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '')
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch()
  }
}
