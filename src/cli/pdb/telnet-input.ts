// What a person's `telnet` or `nc` sends, without what is not text: telnet's commands (RFC 854) are taken out, and its
// Interrupt Process, like a bare Ctrl-C, is reported.

import { Transform, type TransformCallback } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

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
    void this.#read(bytes).then(() => done(), done)
  }

  async #read(bytes: Buffer): Promise<void> {
    let text: number[] = []
    for (const byte of bytes) {
      const meaning = this.#meaningOf(byte)
      if (meaning === 'text') text.push(byte)
      if (meaning !== 'interrupt') continue
      this.push(Buffer.from(text))
      text = []
      // Who listens hears what was typed before it first: a line that it would have to stop has begun by then.
      await setImmediate()
      this.#onInterrupt()
    }
    this.push(Buffer.from(text))
  }

  #meaningOf(byte: number): 'text' | 'interrupt' | undefined {
    if (this.#state === 'option') this.#state = 'text'
    else if (this.#state === 'command') {
      this.#state = byte >= FIRST_WITH_OPTION && byte < IAC ? 'option' : 'text'
      if (byte === INTERRUPT_PROCESS) return 'interrupt'
    } else if (byte === IAC) this.#state = 'command'
    else return byte === CTRL_C ? 'interrupt' : 'text'
    return undefined
  }
}
