// Reads `bytes` and `bytearray` objects, as much of them as is wanted.
// Follows Include/cpython/{bytesobject,bytearrayobject}.h at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readBody } from '../body.js'

export interface BytesData {
  /** The first bytes. */
  readonly bytes: Buffer
  /** Of the whole object. */
  readonly length: number
}

/** More than any machine has. */
const MAX_LENGTH = 2 ** 47

export function readBytes({ memory, offsets }: Runtime, address: Address, limit: number): BytesData {
  const { ob_size, ob_sval } = offsets.bytes_object
  const length = checkLength(memory.read(address + ob_size, 8).readBigInt64LE(), address)
  return { bytes: memory.read(address + ob_sval, Math.min(length, limit)), length }
}

/** The bytes from where they begin now: removals at the front move that. */
export function readByteArray(runtime: Runtime, address: Address, limit: number): BytesData {
  const body = readBody(runtime, address, 32)
  const length = checkLength(body.readBigInt64LE(0), address)
  const count = Math.min(length, limit)
  return { bytes: count === 0 ? Buffer.alloc(0) : runtime.memory.read(pointerAt(body, 24), count), length }
}

function checkLength(length: bigint, address: Address): number {
  if (length >= 0 && length < MAX_LENGTH) return Number(length)
  throw new RemoraError('MEMORY_UNREADABLE', `${length} bytes are not credible`, { address })
}
