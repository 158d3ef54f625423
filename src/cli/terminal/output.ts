// One of the two streams that a command writes to. Node's own stream costs three milliseconds, a tenth of a short
// command, and few need it: a file and a pipe that has room take the text as it is. What does not fit, and terminals, go
// through the stream.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { reopen } from '../../process/own-descriptors.js'

const { O_WRONLY, O_NONBLOCK } = fs.constants
/** Device number of /dev/null, the one character device that is often written to and is no terminal. */
const NULL_DEVICE = 0x103

export class Output {
  readonly #descriptor: 1 | 2
  #direct: number | undefined
  #stream: NodeJS.WriteStream | undefined

  constructor(descriptor: 1 | 2) {
    this.#descriptor = descriptor
  }

  /** Node's stream of it. From the first call on all text goes through it. */
  get stream(): NodeJS.WriteStream {
    if (this.#stream === undefined) {
      this.#stream = this.#descriptor === 1 ? process.stdout : process.stderr
      // A worker's streams are piped into these, which listens, too.
      if (!this.#stream.listeners('error').includes(endOnClosedPipe)) this.#stream.on('error', endOnClosedPipe)
    }
    return this.#stream
  }

  /** The stream of a terminal, or undefined. */
  get terminal(): NodeJS.WriteStream | undefined {
    return this.#isDirect() || !this.stream.isTTY ? undefined : this.stream
  }

  /** Waits until a slow reader has taken it. @throws RemoraError `OUTPUT_UNWRITABLE` */
  async write(text: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(text)
    const rest = this.#stream === undefined && this.#isDirect() ? this.#writeDirectly(bytes) : bytes
    if (rest.length === 0) return
    await new Promise<void>((resolve, reject) => {
      this.stream.write(rest, (cause) => (cause == null ? resolve() : reject(unwritable(cause))))
    })
  }

  /** Whether it can be written to without the stream and without waiting. */
  #isDirect(): boolean {
    this.#direct ??= findDirect(this.#descriptor)
    return this.#direct >= 0
  }

  /** What has not been taken. */
  #writeDirectly(bytes: Buffer): Buffer {
    let rest = bytes
    try {
      while (rest.length > 0) rest = rest.subarray(fs.writeSync(this.#direct as number, rest))
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'EPIPE') endOnClosedPipe(error as NodeJS.ErrnoException)
      if (code !== 'EAGAIN') throw unwritable(error as Error)
    }
    return rest
  }
}

/** The descriptor by which the stream can be written to at once, or -1. */
function findDirect(descriptor: 1 | 2): number {
  try {
    const status = fs.fstatSync(descriptor)
    if (status.isFile() || (status.isCharacterDevice() && status.rdev === NULL_DEVICE)) return descriptor
    // Opened anew, as others share the one that we have been given: for them it stays one that waits.
    return status.isFIFO() ? reopen(descriptor, O_WRONLY | O_NONBLOCK) : -1
  } catch {
    return -1
  }
}

function unwritable(cause: Error): RemoraError {
  return new RemoraError('OUTPUT_UNWRITABLE', `the output cannot be written: ${cause.message}`, { cause })
}

/** A reader that has gone is no failure of ours: the process ends as if it had been killed by SIGPIPE. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(1)
}
