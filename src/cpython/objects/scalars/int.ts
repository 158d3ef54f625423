// Reads `int` objects of any size. Follows Include/cpython/longintrepr.h at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { Runtime } from '../../runtime/find-runtime.js'

const BITS_PER_DIGIT = 30
const SIGN_MASK = 3n
const SIGN_NEGATIVE = 2n
const SIGN_ZERO = 1n
/** A million decimal digits. */
export const MAX_INT_DIGITS = 1 << 17

export function readInt({ memory, offsets }: Runtime, address: Address): bigint {
  const { lv_tag, ob_digit } = offsets.long_object
  // Most have two digits at most: one read brings all of them.
  const [head] = memory.readMany([{ address: address + lv_tag, length: ob_digit - lv_tag + 8 }])
  const tag = (head ?? memory.read(address + lv_tag, 8)).readBigUInt64LE()
  if ((tag & SIGN_MASK) === SIGN_ZERO) return 0n
  const count = Number(tag >> 3n)
  if (count > MAX_INT_DIGITS) {
    throw new RemoraError('MEMORY_UNREADABLE', `an int of ${count} digits is not credible`, { address })
  }
  const digits =
    head !== undefined && count <= 2 ? head.subarray(ob_digit - lv_tag) : memory.read(address + ob_digit, count * 4)
  const value = count <= 2 ? shiftIn(digits, count) : parseBinary(digits, count)
  return (tag & SIGN_MASK) === SIGN_NEGATIVE ? -value : value
}

function shiftIn(digits: Buffer, count: number): bigint {
  let value = 0n
  for (let at = count - 1; at >= 0; at--) value = (value << BigInt(BITS_PER_DIGIT)) | BigInt(digitAt(digits, at))
  return value
}

/** Parsing binary digits takes linear time; shifting them in one by one would take seconds for a long number. */
function parseBinary(digits: Buffer, count: number): bigint {
  const bits: string[] = []
  for (let at = count - 1; at >= 0; at--) bits.push(digitAt(digits, at).toString(2).padStart(BITS_PER_DIGIT, '0'))
  return BigInt(`0b${bits.join('')}`)
}

function digitAt(digits: Buffer, at: number): number {
  return digits.readUInt32LE(at * 4) % 2 ** BITS_PER_DIGIT
}
