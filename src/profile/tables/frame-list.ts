// The frames of a profile, each once.

import type { ProfileFrame } from '../profile.js'

/** Distinct frames of a profile, of all its processes. */
export class FrameList {
  readonly frames: ProfileFrame[] = []
  readonly #known = new Map<string, number>()

  add(frame: ProfileFrame): number {
    const { qualifiedName, file, firstLine, line, endLine, column, endColumn } = frame
    const key = `${line} ${endLine} ${column} ${endColumn} ${firstLine} ${file}\0${qualifiedName}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, this.frames.length)
    return this.frames.push(frame) - 1
  }
}
