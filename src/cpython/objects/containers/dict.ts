// Walks `dict` objects of every kind: general and all-string keys, combined and split tables, and the values that
// instances keep inline. Follows Objects/dictobject.c and Include/internal/pycore_dict.h at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import { withinPage } from '../../../memory/page.js'
import type { Address } from '../../../memory/remote-memory.js'
import { pointerAt } from '../../pointer.js'
import type { Runtime } from '../../runtime/find-runtime.js'
import { readStr } from '../scalars/str.js'

export interface DictEntry {
  readonly key: Address
  readonly value: Address
}

/** No walk goes further; a table that claims more slots than memory has is broken. */
export const MAX_DICT_ENTRIES = 1_000_000
const MAX_LOG2_SIZE = 40
const PIECE_ENTRIES = 8192
const KEYS_HEADER_BYTES = 32
/** Header, index and entries of the smallest table, which most dicts have: read in one go. */
const SMALL_KEYS_BYTES = KEYS_HEADER_BYTES + 8 + 5 * 24
const KIND_GENERAL = 0
/** As many as neighbours are read together. */
const KEYS_AT_ONCE = 32
const LENGTH_BYTES = 8
/** More than any runtime has. Names that CPython's own code uses, such as `threading`, are objects within it. */
const RUNTIME_BYTES = 1024 * 1024
/** Before split values: {capacity, size, embedded, valid}, a byte each, and padding. */
export const VALUES_HEADER_BYTES = 8
/** No class keeps more of its instances' values inline. */
const MAX_SHARED_KEYS = 256

export interface DictKeys {
  /** What was read with the header. */
  readonly ahead: { readonly start: Address; readonly bytes: Buffer }
  readonly entries: Address
  readonly entryBytes: number
  /** Offset of the key within an entry; the value follows it. */
  readonly keyOffset: number
  readonly count: number
}

/**
 * The entries of the dict at `address` in order of insertion, at most `limit` of them.
 * @throws RemoraError `MEMORY_UNREADABLE` when its table is broken or changed while it was read.
 */
export function readDict(runtime: Runtime, address: Address, limit = MAX_DICT_ENTRIES): DictEntry[] {
  const { memory, offsets } = runtime
  const fields = offsets.dict_object
  const header = memory.read(address, fields.size)
  const keys = readKeys(runtime, pointerAt(header, fields.ma_keys))
  const values = pointerAt(header, fields.ma_values)
  return values === 0 ? readCombined(runtime, keys, limit) : readSplit(runtime, keys, values, limit)
}

/** How many entries the dict at `address` has. */
export function readDictLength({ memory, offsets }: Runtime, address: Address): number {
  return pointerAt(memory.read(address + offsets.dict_object.ma_used, 8), 0)
}

/** The value under a key that is a `str` equal to `name`. */
export function findDictValue(runtime: Runtime, address: Address, name: string): Address | undefined {
  return findByKey(runtime, readDict(runtime, address), name)?.value
}

/** The entries of a values block laid out after `keysAddress`: what a split dict and an instance have. */
export function readSplitValues(runtime: Runtime, keysAddress: Address, values: Address, limit: number): DictEntry[] {
  return readSplit(runtime, readKeys(runtime, keysAddress), values, limit)
}

export interface KeyPlace {
  /** The key itself, and where the table refers to it. */
  readonly key: Address
  readonly entry: Address
  readonly index: number
}

/** Where the keys at `address`, which instances share, have a `str` equal to `name`. */
export function findKey(runtime: Runtime, address: Address, name: string): KeyPlace | undefined {
  const keys = readKeys(runtime, address)
  const { entries, entryBytes, keyOffset } = keys
  const bytes = readEntries(runtime, keys, 0, Math.min(keys.count, MAX_SHARED_KEYS))
  const places: KeyPlace[] = []
  for (let at = keyOffset, index = 0; at < bytes.length; at += entryBytes, index++) {
    const key = pointerAt(bytes, at)
    if (key !== 0) places.push({ key, entry: entries + at, index })
  }
  return findByKey(runtime, places, name)
}

/** @throws RemoraError `MEMORY_UNREADABLE` when what lies at `address` are no keys. */
export function readKeys({ memory }: Runtime, address: Address): DictKeys {
  const header = memory.read(address, Math.max(withinPage(address, SMALL_KEYS_BYTES), KEYS_HEADER_BYTES))
  const [log2Size, log2IndexBytes, kind] = [header[8] as number, header[9] as number, header[10] as number]
  const count = Number(header.readBigInt64LE(24))
  const credible = log2Size <= MAX_LOG2_SIZE && log2IndexBytes <= MAX_LOG2_SIZE + 3 && count <= 2 ** log2Size
  if (!credible || kind > 2 || count < 0) throw broken(address)
  const general = kind === KIND_GENERAL
  return {
    ahead: { start: address, bytes: header },
    entries: address + KEYS_HEADER_BYTES + 2 ** log2IndexBytes,
    entryBytes: general ? 24 : 16,
    keyOffset: general ? 8 : 0,
    count,
  }
}

/** The bytes of `slots` entries from the one numbered `first` on. */
function readEntries(
  { memory }: Runtime,
  { ahead, entries, entryBytes }: DictKeys,
  first: number,
  slots: number,
): Buffer {
  const address = entries + first * entryBytes
  const offset = address - ahead.start
  const end = offset + slots * entryBytes
  return end <= ahead.bytes.length ? ahead.bytes.subarray(offset, end) : memory.read(address, slots * entryBytes)
}

function readCombined(runtime: Runtime, keys: DictKeys, limit: number): DictEntry[] {
  const entries: DictEntry[] = []
  const count = Math.min(keys.count, MAX_DICT_ENTRIES)
  // In pieces, as few are wanted of a large dict.
  for (let start = 0; start < count && entries.length < limit; start += PIECE_ENTRIES) {
    const slots = Math.min(PIECE_ENTRIES, count - start)
    const bytes = readEntries(runtime, keys, start, slots)
    for (let at = 0; at < bytes.length && entries.length < limit; at += keys.entryBytes) {
      const value = pointerAt(bytes, at + keys.keyOffset + 8)
      // A deleted entry keeps its place.
      if (value !== 0) entries.push({ key: pointerAt(bytes, at + keys.keyOffset), value })
    }
  }
  return entries
}

function readSplit(runtime: Runtime, keys: DictKeys, values: Address, limit: number): DictEntry[] {
  const { memory } = runtime
  const head = memory.read(values, VALUES_HEADER_BYTES)
  const [capacity, size] = [head[0] as number, head[1] as number]
  if (size > capacity) throw broken(values)
  const pointers = memory.read(values + VALUES_HEADER_BYTES, capacity * 8 + size)
  const keyBytes = readEntries(runtime, keys, 0, keys.count)
  const entries: DictEntry[] = []
  // Behind the values stands, a byte each, the order in which they were set.
  for (let at = 0; at < size && entries.length < limit; at++) {
    const index = pointers[capacity * 8 + at] as number
    if (index >= capacity || index >= keys.count) throw broken(values)
    const value = pointerAt(pointers, index * 8)
    if (value !== 0) entries.push({ key: pointerAt(keyBytes, index * keys.entryBytes + keys.keyOffset), value })
  }
  return entries
}

/** Where a key was last found, by its text: whoever looks for it again finds it without looking at the others. */
const foundKeys = new WeakMap<Runtime, Map<string, Address>>()

/** That of `entries` whose key is a `str` equal to `text`. */
export function findByKey<T extends { readonly key: Address }>(
  runtime: Runtime,
  entries: readonly T[],
  text: string,
): T | undefined {
  const found = foundKeys.get(runtime) ?? new Map<string, Address>()
  foundKeys.set(runtime, found)
  const last = found.get(text)
  const again = last === undefined ? undefined : entries.find(({ key }) => key === last)
  if (again !== undefined && isStr(runtime, again.key, text)) return again
  // Few keys of a dict lie in the runtime, and what Remora looks for is often one of them.
  const own = entries.filter(({ key }) => key >= runtime.address && key < runtime.address + RUNTIME_BYTES)
  const entry = searchStr(runtime, own, text) ?? searchStr(runtime, entries, text)
  if (entry !== undefined) found.set(text, entry.key)
  return entry
}

function searchStr<T extends { readonly key: Address }>(
  runtime: Runtime,
  entries: readonly T[],
  text: string,
): T | undefined {
  const { memory, offsets } = runtime
  for (let start = 0; start < entries.length; start += KEYS_AT_ONCE) {
    const piece = entries.slice(start, start + KEYS_AT_ONCE)
    // Most keys differ in their length already, and they lie side by side in memory.
    const lengths = memory.readMany(
      piece.map(({ key }) => ({ address: key + offsets.unicode_object.length, length: LENGTH_BYTES })),
    )
    const found = piece.find(({ key }, index) => {
      const length = lengths[index]
      if (length === undefined) throw unreadable(key)
      return pointerAt(length, 0) === text.length && isStr(runtime, key, text)
    })
    if (found !== undefined) return found
  }
  return undefined
}

function isStr(runtime: Runtime, address: Address, text: string): boolean {
  try {
    return readStr(runtime, address) === text
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return false
    throw error
  }
}

function broken(address: Address): RemoraError {
  return new RemoraError(
    'MEMORY_UNREADABLE',
    `the table of a dict at 0x${address.toString(16)} is broken or changed while it was read`,
    { address },
  )
}

function unreadable(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `there is no key at 0x${address.toString(16)}`, { address })
}
