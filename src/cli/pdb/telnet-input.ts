// What a person's `telnet` or `nc` sends, without what is not text: telnet's commands (RFC 854) are taken out, and its
// Interrupt Process, like a bare Ctrl-C, is reported.

import { Transform, type TransformCallback } from 'node:stream'

const IAC = 255
const INTERRUPT_PROCESS = 244
/** WILL, WONT, DO and DONT have an option behind them. */
const FIRST_WITH_OPTION = 251
const CTRL_C = 3

export class TelnetInput extends Transform {
  readonly #onInterrupt: () => void
  /** Bytes of a command that are still to come: its name, and its option. */
  #state: 'text' | 'command' | 'option' = 'text'

  constructor(onInterrupt: () => void) {
    super()
    this.#onInterrupt = onInterrupt
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, Buffer.from([...bytes].filter((byte) => this.#isText(byte))))
  }

  #isText(byte: number): boolean {
    if (this.#state === 'option') this.#state = 'text'
    else if (this.#state === 'command') {
      this.#state = byte >= FIRST_WITH_OPTION && byte < IAC ? 'option' : 'text'
      if (byte === INTERRUPT_PROCESS) this.#onInterrupt()
    } else if (byte === IAC) this.#state = 'command'
    else if (byte === CTRL_C) this.#onInterrupt()
    else return true
    return false
  }
}
