// Reads `float` and `complex` objects. Follows Include/cpython/{floatobject,complexobject}.h at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readBody } from '../body.js'

export function readFloat({ memory, offsets }: Runtime, address: Address): number {
  return memory.read(address + offsets.float_object.ob_fval, 8).readDoubleLE()
}

export interface Complex {
  readonly real: number
  readonly imaginary: number
}

export function readComplex(runtime: Runtime, address: Address): Complex {
  const bytes = readBody(runtime, address, 16)
  return { real: bytes.readDoubleLE(0), imaginary: bytes.readDoubleLE(8) }
}
