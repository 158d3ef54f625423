// Whether threads are on a CPU, as the kernel says at this moment: running, or ready to run and waiting for a CPU. The
// files stay open, as opening one costs more than reading it.

import fs from 'node:fs'
import { systemErrorCode } from '../../errors/remora-error.js'

const CLOSING_PARENTHESIS = 0x29
const RUNNING = 0x52

export class CpuState {
  readonly #pid: number
  readonly #files = new Map<number, number>()
  readonly #bytes = Buffer.alloc(512)

  constructor(pid: number) {
    this.#pid = pid
  }

  isOnCpu(tid: number): boolean {
    try {
      const file = this.#files.get(tid) ?? this.#open(tid)
      const length = fs.readSync(file, this.#bytes, 0, this.#bytes.length, 0)
      // The name, in parentheses, may itself hold parentheses; the state stands behind the last one.
      return this.#bytes[this.#bytes.subarray(0, length).lastIndexOf(CLOSING_PARENTHESIS) + 2] === RUNNING
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
      return false
    }
  }

  close(): void {
    for (const file of this.#files.values()) fs.closeSync(file)
    this.#files.clear()
  }

  #open(tid: number): number {
    const file = fs.openSync(`/proc/${this.#pid}/task/${tid}/stat`, 'r')
    this.#files.set(tid, file)
    return file
  }
}
