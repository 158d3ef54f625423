// Everything that is asked of a target and has to write to it: opens its memory for writing at the first need, meets
// the agents, and takes all of it down again. Reading commands never come here.

import { RemoraError } from '../errors/remora-error.js'
import { Rendezvous } from '../inject/rendezvous.js'
import type { ExecDocument } from './documents.js'
import { type ExecOptions, exec, execInAllThreads } from './exec.js'
import { isSameProcess, type OpenProcess, openProcess } from './open-process.js'
import { requestFile } from './request-file.js'

export interface RequestsOptions {
  /** Directories, as the target sees them, in which both sides can meet; by default /tmp and a few others. */
  readonly rendezvous?: readonly string[]
  /** What `readStartTicks` said of the process that is meant; another one of the same PID is refused. */
  readonly startTicks?: number
}

export class Requests {
  readonly #pid: number
  readonly #options: RequestsOptions
  #opened: OpenProcess | undefined
  #meeting: Promise<Rendezvous> | undefined
  #rendezvous: Rendezvous | undefined

  constructor(pid: number, options: RequestsOptions = {}) {
    this.#pid = pid
    this.#options = options
  }

  async exec(source: string | Uint8Array, options: ExecOptions): Promise<ExecDocument> {
    return exec(this.#open(), await this.#meet(), source, options)
  }

  async execInAllThreads(source: string | Uint8Array, options: ExecOptions): Promise<ExecDocument[]> {
    return execInAllThreads(this.#open(), await this.#meet(), source, options)
  }

  requestFile(path: string, thread: string): void {
    requestFile(this.#open(), path, thread)
  }

  /** Synchronous, so that it can run when this process is about to exit. */
  dispose(): void {
    this.#rendezvous?.close()
    this.#opened?.memory.close()
  }

  /** Everything is looked up through the descriptor that will be written to. */
  #open(): OpenProcess {
    if (this.#opened !== undefined) return this.#opened
    const opened = openProcess(this.#pid, { access: 'read-write' })
    const { startTicks } = this.#options
    if (startTicks !== undefined && !isSameProcess(this.#pid, startTicks)) {
      opened.memory.close()
      throw new RemoraError('TARGET_EXITED', `process ${this.#pid} is another one by now`, { pid: this.#pid })
    }
    this.#opened = opened
    return opened
  }

  async #meet(): Promise<Rendezvous> {
    this.#meeting ??= Rendezvous.open(this.#open().status, this.#options.rendezvous).then((rendezvous) => {
      this.#rendezvous = rendezvous
      return rendezvous
    })
    return this.#meeting
  }
}
