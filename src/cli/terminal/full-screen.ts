// The whole screen of a terminal, for as long as something takes: the alternate screen, no cursor, and each key as it is
// pressed. Whatever ends it, a return, an exception or a signal, gives the terminal back as it was; only SIGKILL cannot
// be helped. What stands on the screen and what a key means is for others to say.

import fs from 'node:fs'
import { emitKeypressEvents } from 'node:readline'

export interface Key {
  /** `a`, `up`, `return`, `escape`, `c` with `ctrl`; undefined for most characters that are no letters. */
  readonly name: string | undefined
  /** What was typed, if it is a character. */
  readonly text: string | undefined
  readonly ctrl: boolean
}

export interface FullScreenEvents {
  onKey(key: Key): void
  /** The screen has another size, or is back from the background: everything is to be drawn again. */
  onResize(): void
  /** Someone wants it to end in good order. */
  onInterrupt(): void
}

// The alternate screen, no cursor, no wrapping of what is too long: such a line may not push down all others.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
/** Terminals that know it show all of it at once; others ignore it. */
const [BEGIN_UPDATE, END_UPDATE] = ['\x1b[?2026h', '\x1b[?2026l']

const DEADLY_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
const STDOUT = 1

export class FullScreen {
  readonly #events: FullScreenEvents
  #taken = false
  readonly #leave = (): void => this.#giveBack()
  readonly #resize = (): void => this.#events.onResize()
  readonly #interrupt = (): void => this.#events.onInterrupt()
  readonly #continue = (): void => this.#comeBack()
  readonly #die = (signal: NodeJS.Signals): void => {
    this.leave()
    // Whoever has sent it sees that it did what it does.
    process.kill(process.pid, signal)
  }
  readonly #press = (text: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    if (key.ctrl === true && key.name === 'z') this.#goToBackground()
    else this.#events.onKey({ name: key.name, text, ctrl: key.ctrl === true })
  }

  constructor(events: FullScreenEvents) {
    this.#events = events
  }

  get size(): { readonly columns: number; readonly rows: number } {
    // Some terminals have no size until they are shown.
    return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }
  }

  enter(): void {
    process.on('exit', this.#leave)
    process.on('SIGINT', this.#interrupt)
    process.on('SIGCONT', this.#continue)
    for (const signal of DEADLY_SIGNALS) process.on(signal, this.#die)
    process.stdout.on('resize', this.#resize)
    emitKeypressEvents(process.stdin)
    process.stdin.on('keypress', this.#press)
    this.#take()
    process.stdin.resume()
  }

  /** May be called again. */
  leave(): void {
    this.#giveBack()
    process.off('exit', this.#leave)
    process.off('SIGINT', this.#interrupt)
    process.off('SIGCONT', this.#continue)
    for (const signal of DEADLY_SIGNALS) process.off(signal, this.#die)
    process.stdout.off('resize', this.#resize)
    process.stdin.off('keypress', this.#press)
    process.stdin.pause()
  }

  /** What `lines` must be written as, to stand in place of what stood there. */
  static toUpdate(lines: readonly string[]): string {
    // Cleared before it is written: behind its last column, some terminals would clear that one.
    return `${BEGIN_UPDATE}\x1b[H${lines.map((line) => `\x1b[2K${line}`).join('\r\n')}${END_UPDATE}`
  }

  #take(): void {
    process.stdin.setRawMode(true)
    if (!this.#taken) writeNow(ENTER)
    this.#taken = true
  }

  #giveBack(): void {
    if (!this.#taken) return
    this.#taken = false
    writeNow(LEAVE)
    try {
      process.stdin.setRawMode(false)
    } catch {
      // The terminal is gone.
    }
  }

  #goToBackground(): void {
    this.#giveBack()
    // Here it stops, and goes on when a shell brings it back; where nobody could, the signal does nothing.
    process.kill(process.pid, 'SIGTSTP')
    this.#comeBack()
  }

  /** A shell may have changed the terminal meanwhile, of which Node does not know. */
  #comeBack(): void {
    process.stdin.setRawMode(false)
    this.#take()
    this.#events.onResize()
  }
}

/** At once, as the process may be about to end. */
function writeNow(text: string): void {
  try {
    fs.writeSync(STDOUT, text)
  } catch {
    // The terminal is gone, or takes nothing.
  }
}
