// Reads the items of `tuple`, `list` and `collections.deque` objects: addresses, from the first one on.
// Follows Include/cpython/{tupleobject,listobject}.h and Modules/_collectionsmodule.c at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readBody } from '../body.js'

export interface Sequence {
  /** The first items, or those asked for. */
  readonly items: readonly Address[]
  /** Of the whole object. */
  readonly length: number
}

/** Which items to read. */
export interface Span {
  readonly start?: number
  readonly limit: number
}

/** Items of a deque's block. */
const BLOCK_ITEMS = 64
const MAX_LENGTH = 2 ** 44

export function readTuple({ memory, offsets }: Runtime, address: Address, { start = 0, limit }: Span): Sequence {
  const { ob_size, ob_item } = offsets.tuple_object
  const length = checkLength(memory.read(address + ob_size, 8).readBigInt64LE(), address)
  const count = countOf(length, start, limit)
  return { items: toAddresses(memory.read(address + ob_item + start * 8, count * 8)), length }
}

export interface List extends Sequence {
  /** It has the room that append() gives a full list on the way to this length: the last item may not be stored yet. */
  readonly mayHaveGrown: boolean
}

export function readList({ memory, offsets }: Runtime, address: Address, { start = 0, limit }: Span): List {
  const { size, ob_size, ob_item } = offsets.list_object
  const header = memory.read(address, size)
  const length = checkLength(header.readBigInt64LE(ob_size), address)
  const count = countOf(length, start, limit)
  const bytes = count === 0 ? Buffer.of() : memory.read(pointerAt(header, ob_item) + start * 8, count * 8)
  // `allocated` lies behind the pointer.
  const room = Number(header.readBigInt64LE(ob_item + 8))
  // The length is there before the room is.
  const mayHaveGrown = length > 0 && (room < length || room === roomAfterAppend(length))
  return { items: toAddresses(bytes), length, mayHaveGrown }
}

/** Items for which a list has room that was full, and has grown to `length`. */
function roomAfterAppend(length: number): number {
  const room = length + Math.floor(length / 8) + 6
  return room - (room % 4)
}

export interface Deque extends Sequence {
  readonly maxLength: number | undefined
}

/** A chain of blocks of 64 items: {left, items, right}. */
export function readDeque(runtime: Runtime, address: Address, { start = 0, limit }: Span): Deque {
  const body = readBody(runtime, address, 56)
  const length = checkLength(body.readBigInt64LE(0), address)
  const maxLength = Number(body.readBigInt64LE(48))
  const first = Number(body.readBigInt64LE(24)) + start
  if (!(first >= start && first < start + BLOCK_ITEMS)) throw broken(address)
  const items: Address[] = []
  const count = countOf(length, start, limit)
  let block = pointerAt(body, 8)
  for (let at = first, base = 0; items.length < count; base += BLOCK_ITEMS) {
    const bytes = runtime.memory.read(block, (BLOCK_ITEMS + 2) * 8)
    for (; at < base + BLOCK_ITEMS && items.length < count; at++) items.push(pointerAt(bytes, 8 + (at - base) * 8))
    block = pointerAt(bytes, 8 + BLOCK_ITEMS * 8)
  }
  if (items.includes(0)) throw broken(address)
  return { items, length, maxLength: maxLength < 0 ? undefined : maxLength }
}

function countOf(length: number, start: number, limit: number): number {
  return Math.max(Math.min(length - start, limit), 0)
}

function toAddresses(bytes: Buffer): Address[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => pointerAt(bytes, index * 8))
}

function checkLength(length: bigint, address: Address): number {
  if (length >= 0 && length < MAX_LENGTH) return Number(length)
  throw broken(address)
}

function broken(address: Address): RemoraError {
  return new RemoraError(
    'MEMORY_UNREADABLE',
    `the sequence at 0x${address.toString(16)} is broken or changed while it was read`,
    { address },
  )
}
