// Makes one text of a value and what is inside it, as `repr()` would, within the limits. What cannot be read in the end
// says so in its place, and the rest goes on. Whether the parts are of one moment is for the caller to prove, and whether
// what cannot be read was changed just then, or is broken for good.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { describe } from '../kinds.js'
import { MASKED } from '../mask.js'
import { keyNameOf } from '../names/key-name.js'
import type { Entry, Part, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

export const CHANGED = '<changed while it was read>'
const CUT = '…'
/** Readings of one value that turn out to be broken. */
const ATTEMPTS = 3

export class ReprWriter {
  readonly #reader: ValueReader
  readonly #active = new Set<Address>()
  readonly #chars: number
  readonly #failureWord: string | undefined
  #depth = 0
  /** What has been written of objects whose entries were unsettled; of all objects with entries once something has changed. */
  readonly unsettled = new Map<Address, Shape>()
  text = ''
  truncated = false
  /** Something could not be read. */
  failed = false
  /** The class of the outermost value, once that has been read. */
  type: string | undefined

  /** @param failureWord With it, what cannot be read is not said to have changed, but why it cannot be read. */
  constructor(reader: ValueReader, chars = reader.limits.chars, failureWord?: string) {
    this.#reader = reader
    this.#chars = chars
    this.#failureWord = failureWord
  }

  /** Writes the value at `address`. */
  write(address: Address): void {
    const start = this.text.length
    let reason = ''
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        this.#writeOnce(address)
        return
      } catch (error) {
        if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
        this.text = this.text.slice(0, start)
        reason = error.message.replace(/ is broken or changed while it was read$/, ' does not fit together')
      }
    }
    this.failed = true
    this.#cut(this.#failureWord === undefined ? CHANGED : `<${this.#failureWord}: ${reason}>`)
  }

  get #room(): number {
    return this.#chars - this.text.length
  }

  #writeOnce(address: Address): void {
    if (this.#reader.exhausted || this.#depth > this.#reader.limits.depth + 1) {
      this.#cut(CUT)
      return
    }
    const reader = this.#reader
    const options = { reader, items: reader.limits.items, chars: Math.max(this.#room, 1) }
    reader.left--
    const shape = reader.look(address, (object) => {
      this.type ??= object.class.fullName
      return describe(object, options)
    })
    if (shape.unsettled || (reader.sawChange && shape.entries !== undefined)) this.unsettled.set(address, shape)
    if (shape.recursive !== undefined && this.#active.has(address)) this.#writeRecursive(shape, shape.recursive)
    else this.#enter(shape, address)
  }

  #writeRecursive({ open, close = '', recursiveInside = false }: Shape, text: string): void {
    this.#depth++
    if (recursiveInside) this.#writeParts(open)
    this.#depth--
    this.text += recursiveInside ? text + close : text
  }

  #enter(shape: Shape, address: Address): void {
    const own = shape.recursive !== undefined
    if (own) this.#active.add(address)
    this.#depth++
    try {
      this.#writeShape(shape)
    } finally {
      this.#depth--
      if (own) this.#active.delete(address)
    }
  }

  #writeShape(shape: Shape): void {
    const { entries, open, close = '', empty } = shape
    if (entries?.length === 0 && empty !== undefined && shape.total === 0) {
      this.text += empty
      return
    }
    this.#writeParts(open)
    if (shape.truncated) this.#cut(CUT)
    if (shape.abridged) this.truncated = true
    if (entries !== undefined) this.#writeEntries(shape, entries)
    this.text += close
  }

  #writeParts(parts: readonly Part[]): void {
    for (const part of parts) {
      if (typeof part === 'string') this.text += part
      else this.write(part)
    }
  }

  #writeEntries({ total, comma }: Shape, entries: readonly Entry[]): void {
    const count = total ?? entries.length
    const isDeep = this.#depth > this.#reader.limits.depth
    const written = isDeep ? 0 : this.#writeWhileRoom(entries)
    if (count > written) this.#cut(written > 0 ? `, ${CUT}` : CUT)
    else if (comma && count === 1) this.text += ','
  }

  /** How many of them have been written. */
  #writeWhileRoom(entries: readonly Entry[]): number {
    for (const [index, entry] of entries.entries()) {
      if (index > 0 && this.#room <= 0) return index
      if (index > 0) this.text += ', '
      this.#writeEntry(entry)
    }
    return entries.length
  }

  #writeEntry({ label, key, pair, value }: Entry): void {
    if (label !== undefined) this.text += `${label}=`
    if (pair) this.text += '('
    if (key !== undefined) {
      this.write(key)
      this.text += pair ? ', ' : ': '
    }
    const name = label ?? (key === undefined ? undefined : keyNameOf(this.#reader, key))
    if (name !== undefined && this.#reader.isMasked(name)) this.text += MASKED
    else this.write(value)
    if (pair) this.text += ')'
  }

  #cut(text: string): void {
    this.text += text
    this.truncated = true
  }
}
