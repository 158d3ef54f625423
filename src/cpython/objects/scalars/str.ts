// Reads `str` objects of every width. Follows Include/cpython/unicodeobject.h at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'

/** Names, file paths and the like: nothing longer is read unless it is asked for. */
export const MAX_NAME_LENGTH = 4096

/**
 * The text of the `str` object at `address`, cut after `maxLength` code points.
 * @throws RemoraError `MEMORY_UNREADABLE` when what lies there is no string.
 */
export function readStr(runtime: Runtime, address: Address, maxLength = MAX_NAME_LENGTH): string {
  return decodeStr(readStrData(runtime, address, maxLength))
}

export interface StrData {
  /** Bytes of one code point. */
  readonly kind: 1 | 2 | 4
  readonly bytes: Buffer
  /** Code points of the whole string, of which `bytes` may hold fewer. */
  readonly length: number
}

/** The code points themselves, as CPython stores them: in kind 2, two surrogates side by side are two of them. */
export function readStrData(runtime: Runtime, address: Address, maxLength: number): StrData {
  const { memory, offsets } = runtime
  const fields = offsets.unicode_object
  const header = memory.read(address, fields.size)
  const state = parseState(header.readUInt32LE(fields.state), runtime.freeThreaded)
  const length = Number(header.readBigUInt64LE(fields.length))
  if (state.kind !== 1 && state.kind !== 2 && state.kind !== 4) throw notAString(address)
  const count = Math.min(length, maxLength)
  const compactBytes = fields.compactunicodeobject_size
  let data = address + fields.asciiobject_size
  if (!state.compact) data = pointerAt(header, compactBytes)
  else if (!state.ascii) data = address + compactBytes
  // Short compact strings usually lie within the header that has been read.
  const inHeader = data - address + count * state.kind <= header.length && state.compact
  const bytes = inHeader ? header.subarray(data - address) : memory.read(data, count * state.kind)
  return { kind: state.kind, bytes: bytes.subarray(0, count * state.kind), length }
}

interface StrState {
  readonly kind: number
  readonly compact: boolean
  readonly ascii: boolean
}

function parseState(bits: number, freeThreaded: boolean): StrState {
  // The interned bits have a byte of their own in free-threaded builds.
  const shift = freeThreaded ? 8 : 2
  const state = bits >>> shift
  return { kind: state & 7, compact: (state & 8) !== 0, ascii: (state & 16) !== 0 }
}

/** As a string of JavaScript, in which some that differ are the same: two halves of a surrogate pair are one character. */
export function decodeStr({ kind, bytes }: Pick<StrData, 'kind' | 'bytes'>): string {
  if (kind === 1) return bytes.toString('latin1')
  if (kind === 2) return bytes.toString('utf16le')
  let text = ''
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at)
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd'
  }
  return text
}

function notAString(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `there is no string at 0x${address.toString(16)}`, { address })
}
