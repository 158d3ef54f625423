// What everything that writes to a target shares: its memory, opened for writing at the first need, and the rendezvous
// at which the agents arrive. Disposing takes all of it down again. Reading commands never come here.

import { Rendezvous } from '../../inject/rendezvous.js'
import type { NamedProcess } from '../../process/identity.js'
import { type OpenProcess, openProcess } from '../target/open-process.js'

export interface RequestsOptions {
  /** Directories, as the target sees them, in which both sides can meet; by default /dev/shm, /tmp and a few others. */
  readonly rendezvous?: readonly string[]
}

export class Requests {
  readonly #which: number | NamedProcess
  readonly #options: RequestsOptions
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  #process: OpenProcess | undefined
  #rendezvous: Rendezvous | undefined

  constructor(which: number | NamedProcess, options: RequestsOptions = {}) {
    this.#which = which
    this.#options = options
  }

  /** The target. Everything is looked up through the descriptor that will be written to. */
  get process(): OpenProcess {
    this.#process ??= openProcess(this.#which, { access: 'read-write' })
    return this.#process
  }

  /** @throws RemoraError `RENDEZVOUS_UNAVAILABLE` */
  get rendezvous(): Rendezvous {
    if (this.#rendezvous === undefined) {
      const { status, runtime } = this.process
      this.#rendezvous = new Rendezvous(status, { places: this.#options.rendezvous, version: runtime.version })
      this.#rendezvous.sweepUnasked(runtime)
    }
    return this.#rendezvous
  }

  /** What `close` waits for: something that is asked of the target, and is taken back when the signal is aborted. */
  async during<T>(ask: (closing: AbortSignal) => Promise<T>): Promise<T> {
    const asking = ask(this.#closing.signal)
    this.#underWay.add(asking)
    try {
      return await asking
    } finally {
      this.#underWay.delete(asking)
    }
  }

  /** Disposes when all that nobody waits for any more has been taken back, such as a request whose like was faster. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#underWay)
    this.dispose()
  }

  /** Synchronous, so that it can run when this process is about to exit. */
  dispose(): void {
    this.#rendezvous?.close()
    this.#process?.memory.close()
  }
}
