// From the words in a frame, its code object and its current instruction, to an entry of the profile's table of frames.
// What has been seen before is found without a read and without making an object; the rest is decoded once.

import { type Code, CodeCache } from '../../../cpython/code/code.js'
import { OWNED_BY_GENERATOR, positionOf, unitOf } from '../../../cpython/frames/frame.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { ABSENT, AddressPairTable } from '../../tables/address-pair-table.js'
import type { FrameList } from '../../tables/frame-list.js'
import { CallSites } from './call-sites.js'
import { ResumeSites } from './resume-sites.js'

/** How much of a frame is told apart: its exact position, or only its function. */
export type Granularity = 'line' | 'function'

/** No frame that the interpreter itself would show: its function is not set up yet. */
export const HIDDEN = -1
/** No code object, or an instruction outside of it: the words were torn. */
export const TORN = -2

/** The frames of one process. */
export class FrameTable {
  readonly #runtime: Runtime
  readonly #list: FrameList
  readonly #granularity: Granularity
  readonly calls = new CallSites()
  readonly resumes = new ResumeSites()
  #codes: CodeCache
  readonly #seen = new Map<Address, Code>()
  /** By instruction and code: twice the frame's index, and one more if only a generator may show it. */
  readonly #known = new AddressPairTable({ numbers: new Int32Array(4096) })

  constructor(runtime: Runtime, list: FrameList, granularity: Granularity) {
    this.#runtime = runtime
    this.#list = list
    this.#granularity = granularity
    this.#codes = new CodeCache(runtime)
  }

  /** How many times something had to be decoded; who sees it change checks that no code was freed meanwhile. */
  decoded = 0

  /** Index in the list of frames, or `HIDDEN`, or `TORN`. */
  find(code: Address, instruction: Address, owner: number): number {
    const place = this.#known.find(instruction, code)
    if (place !== ABSENT) return visible(this.#known.values.numbers[place] as number, owner)
    return this.#decode(code, instruction, owner)
  }

  /** The code at that address, if a frame of it was seen. */
  codeOf(address: Address): Code | undefined {
    return this.#seen.get(address)
  }

  /** A code object has been freed, and another one may lie in its place. */
  forget(): void {
    this.#codes = new CodeCache(this.#runtime)
    this.calls.forget()
    this.resumes.forget()
    this.#seen.clear()
    this.#known.clear()
  }

  #decode(address: Address, instruction: Address, owner: number): number {
    if (address === 0 || instruction === 0) return TORN
    this.decoded++
    try {
      const code = this.#codes.read(address)
      const frame = { instruction, bytecodeCopy: 0 }
      const unit = unitOf(frame, code)
      if (unit === undefined) return TORN
      this.#seen.set(address, code)
      const { name, qualifiedName, file, firstLine } = code
      const place = this.#granularity === 'line' ? positionOf(frame, code) : undefined
      const index = this.#list.add({
        function: name,
        qualifiedName,
        file,
        firstLine,
        line: place === undefined ? firstLine : (place.line ?? 0),
        endLine: place === undefined ? firstLine : (place.endLine ?? 0),
        column: place?.column ?? -1,
        endColumn: place?.endColumn ?? -1,
      })
      const number = index * 2 + (unit < code.firstTraceable ? 1 : 0)
      const at = this.#known.take(instruction, address)
      this.#known.values.numbers[at] = number
      return visible(number, owner)
    } catch (error) {
      if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return TORN
      throw error
    }
  }
}

function visible(number: number, owner: number): number {
  return (number & 1) === 1 && owner !== OWNED_BY_GENERATOR ? HIDDEN : number >> 1
}
