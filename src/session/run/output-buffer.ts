// What a script has printed, up to a cap, as text in the end. Bytes that are no UTF-8 become `\xNN`, as Python's own
// `backslashreplace` has it, so that nothing is lost in a JSON document.

const MAX_BYTES = 64 * 1024 * 1024

export class OutputBuffer {
  readonly #pieces: Buffer[] = []
  #length = 0
  /** Bytes beyond the cap. */
  droppedBytes = 0

  add(bytes: Buffer): void {
    const room = MAX_BYTES - this.#length
    const taken = bytes.subarray(0, room)
    if (taken.length > 0) this.#pieces.push(taken)
    this.#length += taken.length
    this.droppedBytes += bytes.length - taken.length
  }

  toText(): string {
    return decodeBackslashReplace(Buffer.concat(this.#pieces, this.#length))
  }
}

export function decodeBackslashReplace(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // The usual case: what went in comes out, so nothing was replaced.
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return text
  let result = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    result += length > 0 ? bytes.toString('utf8', at, at + length) : `\\x${bytes.toString('hex', at, at + 1)}`
    at += Math.max(length, 1)
  }
  return result
}

/** Bytes of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  const sequence = bytes.subarray(at, at + length)
  return sequence.length === length && Buffer.from(sequence.toString('utf8'), 'utf8').equals(sequence) ? length : 0
}
