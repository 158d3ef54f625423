// A target that may be written to: what everything that runs code in one takes. It reads as any open process does, but
// through a descriptor for writing, which is opened at the first need, and it has the rendezvous at which the agents
// arrive. Disposing takes all of it down again. Reading commands never come here.

import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import { Rendezvous } from '../../inject/rendezvous.js'
import type { RemoteMemory } from '../../memory/remote-memory.js'
import type { NamedProcess, ProcessIdentity } from '../../process/identity.js'
import type { ProcessStatus } from '../../process/status.js'
import type { TargetInfo } from '../documents/index.js'
import { type OpenProcess, openProcess } from '../target/open-process.js'

export interface WritableTargetOptions {
  /** Directories, as the target sees them, in which both sides can meet; by default /dev/shm, /tmp and a few others. */
  readonly rendezvous?: readonly string[]
}

export class WritableTarget implements OpenProcess {
  readonly #which: number | NamedProcess
  readonly #options: WritableTargetOptions
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  #process: OpenProcess | undefined
  #rendezvous: Rendezvous | undefined

  constructor(which: number | NamedProcess, options: WritableTargetOptions = {}) {
    this.#which = which
    this.#options = options
  }

  get identity(): ProcessIdentity {
    return this.#opened.identity
  }

  get status(): ProcessStatus {
    return this.#opened.status
  }

  get memory(): RemoteMemory {
    return this.#opened.memory
  }

  get runtime(): Runtime {
    return this.#opened.runtime
  }

  get info(): TargetInfo {
    return this.#opened.info
  }

  /** @throws RemoraError `RENDEZVOUS_UNAVAILABLE` */
  get rendezvous(): Rendezvous {
    if (this.#rendezvous === undefined) {
      const { status, runtime } = this.#opened
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

  /** Everything is looked up through the descriptor that will be written to. */
  get #opened(): OpenProcess {
    this.#process ??= openProcess(this.#which, { access: 'read-write' })
    return this.#process
  }
}
