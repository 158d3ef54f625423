// Reads the objects of the `datetime` module. Dates and times are packed bytes, the highest first.
// Follows Include/datetime.h at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readBody } from '../body.js'

export interface TimeDelta {
  readonly days: number
  readonly seconds: number
  readonly microseconds: number
}

/** Numbers in the order in which the constructor takes them. */
export interface DateTime {
  readonly fields: readonly number[]
  /** 1 for the second of two equal times when clocks are set back. */
  readonly fold: number
  /** Address of the time zone, or 0. */
  readonly timeZone: Address
}

/** Behind the hash, a byte says whether there is a time zone; the packed bytes follow it. */
const HAS_TIME_ZONE = 8
const PACKED = 9

export function readTimeDelta(runtime: Runtime, address: Address): TimeDelta {
  const body = readBody(runtime, address, 20)
  return { days: body.readInt32LE(8), seconds: body.readInt32LE(12), microseconds: body.readInt32LE(16) }
}

export function readDate(runtime: Runtime, address: Address): DateTime {
  const body = readBody(runtime, address, PACKED + 4)
  return { fields: dateFields(body), fold: 0, timeZone: 0 }
}

export function readTime(runtime: Runtime, address: Address): DateTime {
  const body = readBody(runtime, address, 24)
  return {
    fields: timeFields(body, PACKED),
    fold: body[PACKED + 6] as number,
    timeZone: timeZoneAt(runtime, address, body, 16),
  }
}

export function readDateTime(runtime: Runtime, address: Address): DateTime {
  const body = readBody(runtime, address, 24)
  const fields = [...dateFields(body), ...timeFields(body, PACKED + 4)]
  return { fields, fold: body[PACKED + 10] as number, timeZone: timeZoneAt(runtime, address, body, 24) }
}

function dateFields(body: Buffer): number[] {
  return [body.readUInt16BE(PACKED), body[PACKED + 2] as number, body[PACKED + 3] as number]
}

function timeFields(body: Buffer, at: number): number[] {
  return [body[at] as number, body[at + 1] as number, body[at + 2] as number, body.readUIntBE(at + 3, 3)]
}

/** The object is shorter where it has no time zone. */
function timeZoneAt(runtime: Runtime, address: Address, body: Buffer, offset: number): Address {
  return body[HAS_TIME_ZONE] === 0 ? 0 : pointerAt(readBody(runtime, address, offset + 8), offset)
}
