// Cuts a stream of bytes into lines of UTF-8, however it was cut into pieces on its way.

/** A line without an end that is longer than this is no message. */
const MAX_LINE_BYTES = 64 * 1024 * 1024

export class LineSplitter {
  #rest: Buffer[] = []
  #restBytes = 0

  /**
   * The lines that `bytes` completes, without their ends.
   * @throws RangeError when a line does not end within 64 MiB.
   */
  add(bytes: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      lines.push(Buffer.concat([...this.#rest, bytes.subarray(start, end)]).toString('utf8'))
      this.#rest = []
      this.#restBytes = 0
      start = end + 1
    }
    if (start < bytes.length) {
      this.#rest.push(bytes.subarray(start))
      this.#restBytes += bytes.length - start
      if (this.#restBytes > MAX_LINE_BYTES) throw new RangeError('a line does not end')
    }
    return lines
  }
}
