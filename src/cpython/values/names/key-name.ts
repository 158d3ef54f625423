// The text of a dict key where the key is a name: what masks are matched against. HTTP headers and the like have bytes
// for keys.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { readBytes } from '../../objects/scalars/bytes.js'
import { readStr } from '../../objects/scalars/str.js'
import { BYTES_SUBCLASS, STR_SUBCLASS } from '../../objects/type.js'
import type { ValueReader } from '../value-reader.js'

const MAX_KEY_LENGTH = 256

/** Undefined for keys that are no text. */
export function keyNameOf(reader: ValueReader, key: Address): string | undefined {
  const { runtime } = reader
  try {
    return reader.look(key, ({ class: { flags } }) => {
      if (flags & STR_SUBCLASS) return readStr(runtime, key, MAX_KEY_LENGTH)
      if (flags & BYTES_SUBCLASS) return readBytes(runtime, key, MAX_KEY_LENGTH).bytes.toString('latin1')
      return undefined
    })
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return undefined
    throw error
  }
}
