// Reads `decimal.Decimal` objects of the C module: a sign, digits in words of 19, and an exponent.
// Follows Modules/_decimal/_decimal.c (PyDecObject) and libmpdec's mpdecimal.h (mpd_t) at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readBody } from '../body.js'

export interface Decimal {
  readonly negative: boolean
  readonly special: '' | 'Infinity' | 'NaN' | 'sNaN'
  /** Without leading zeros, but for the one of zero itself. */
  readonly digits: string
  readonly exponent: number
}

const MAX_DECIMAL_WORDS = 1 << 16
const DIGITS_PER_WORD = 19

export function readDecimal(runtime: Runtime, address: Address): Decimal {
  const body = readBody(runtime, address, 56)
  const flags = body[8] as number
  const count = Number(body.readBigInt64LE(32))
  if (!(count >= 0 && count <= MAX_DECIMAL_WORDS)) {
    throw new RemoraError('MEMORY_UNREADABLE', `a decimal of ${count} words is not credible`, { address })
  }
  const words = runtime.memory.read(pointerAt(body, 48), count * 8)
  let digits = ''
  for (let at = count - 1; at >= 0; at--) {
    digits += words
      .readBigUInt64LE(at * 8)
      .toString()
      .padStart(DIGITS_PER_WORD, '0')
  }
  return {
    negative: (flags & 1) !== 0,
    special: flags & 2 ? 'Infinity' : flags & 4 ? 'NaN' : flags & 8 ? 'sNaN' : '',
    digits: digits.replace(/^0+(?=\d)/, ''),
    exponent: Number(body.readBigInt64LE(16)),
  }
}
