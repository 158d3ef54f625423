// A client of `server.py` that asks as fast as it is answered, on four connections, and counts.

import net from 'node:net'
import { onTestFinished } from 'vitest'

export class Load {
  readonly #connections: Promise<void>[]
  #asked = 0
  #answered = 0
  #wrong = 0
  #stopping = false
  #wake: (() => void) | undefined

  constructor(port: number) {
    this.#connections = Array.from({ length: 4 }, () => this.#ask(port))
  }

  /** Waits until so many more requests have been answered. */
  async more(count: number): Promise<void> {
    for (const wanted = this.#answered + count; this.#answered < wanted; ) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async stop(): Promise<{ lost: number; wrong: number }> {
    this.#stopping = true
    await Promise.all(this.#connections)
    return { lost: this.#asked - this.#answered, wrong: this.#wrong }
  }

  #ask(port: number): Promise<void> {
    const socket = net.connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    return new Promise((resolve) => {
      let length = 0
      const next = (): void => {
        length = (length % 50) + 1
        this.#asked++
        socket.write(`${'x'.repeat(length)}\n`)
      }
      socket.on('connect', next)
      socket.on('data', (answer) => {
        this.#answered++
        if (Number(answer) !== length + 1) this.#wrong++
        this.#wake?.()
        if (this.#stopping) socket.end()
        else next()
      })
      socket.on('close', () => resolve())
    })
  }
}
