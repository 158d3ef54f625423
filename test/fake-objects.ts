// Draws Python objects into fake memory, as CPython 3.15 lays them out, with or without the GIL. The offsets
// and facts are written down here and not taken from the code under test. Source: the headers of CPython at v3.15.0.

import type { Offsets } from '../src/cpython/debug-offsets/offsets.js'
import type { Runtime } from '../src/cpython/runtime/find-runtime.js'
import { parseVersion } from '../src/cpython/versions/version.js'
import type { PythonFacts } from '../src/cpython/versions/version-module.js'
import type { Address } from '../src/memory/remote-memory.js'
import { FakeMemory, structure } from './fake-memory.js'

export interface FakeRuntime extends Runtime {
  readonly memory: FakeMemory
}

/** A runtime without a process: only what readers of single objects ask for is there. */
export function fakeRuntime({ freeThreaded = false } = {}): FakeRuntime {
  const memory = new FakeMemory()
  const offsets = offsetsBehind(freeThreaded ? 32 : 16) as unknown as Offsets
  const version = parseVersion(0x030f00f0)
  const address = memory.place(Buffer.alloc(1024))
  return {
    memory,
    address,
    version,
    freeThreaded,
    offsets,
    facts: FACTS as unknown as PythonFacts,
    file: '/python',
  }
}

export interface StrLayout {
  readonly kind: 1 | 2 | 4
  readonly ascii?: boolean
  readonly compact?: boolean
  /** Claims this length instead of the true one. */
  readonly length?: number
}

/** A `str` whose data are `bytes`. */
export function drawStr(runtime: FakeRuntime, bytes: Buffer, layout: StrLayout): Address {
  const { memory, offsets, freeThreaded } = runtime
  const { kind, ascii = false, compact = true, length = bytes.length / kind } = layout
  const fields = offsets.unicode_object
  const header = structure(fields.size, { [fields.length]: length })
  header.writeUInt32LE((kind | (compact ? 8 : 0) | (ascii ? 16 : 0)) << (freeThreaded ? 8 : 2), fields.state)
  if (!compact) {
    header.writeBigUInt64LE(BigInt(memory.place(bytes)), fields.size - 8)
    return memory.place(header)
  }
  return memory.place(Buffer.concat([header.subarray(0, ascii ? fields.asciiobject_size : fields.size - 8), bytes]))
}

/** An `int` with these digits of 30 bits, the lowest first. Sign: 0 positive, 1 zero, 2 negative. */
export function drawInt(
  { memory, offsets }: FakeRuntime,
  digits: readonly number[],
  sign = 0,
  count = digits.length,
): Address {
  const { lv_tag, ob_digit } = offsets.long_object
  const bytes = structure(ob_digit + digits.length * 4, { [lv_tag]: (count << 3) | sign })
  for (const [index, digit] of digits.entries()) bytes.writeUInt32LE(digit, ob_digit + index * 4)
  return memory.place(bytes)
}

export interface DictLayout {
  /** 0 general keys, 1 all `str`, 2 shared by instances. */
  readonly kind?: number
  readonly log2Size?: number
  /** Base 2 logarithm of the bytes of the index, which lies before the entries. */
  readonly log2IndexBytes?: number
  /** Claims this number of entries instead of the true one. */
  readonly count?: number
  /** Address of a block of values, for a split dict. */
  readonly values?: Address
}

/** A `dict` whose entries are these pairs of addresses; a pair of zeros is a deleted one. */
export function drawDict(
  runtime: FakeRuntime,
  pairs: readonly (readonly [number, number])[],
  layout: DictLayout = {},
): Address {
  const { memory, offsets } = runtime
  const { kind = 1, log2Size = 3, log2IndexBytes = 3, count = pairs.length, values = 0 } = layout
  const header = structure(32, { 24: count })
  header.set([log2Size, log2IndexBytes, kind], 8)
  const entries = pairs.map(([key, value]) =>
    kind === 0 ? structure(24, { 8: key, 16: value }) : structure(16, { 0: key, 8: value }),
  )
  const keys = memory.place(Buffer.concat([header, Buffer.alloc(2 ** Math.min(log2IndexBytes, 20)), ...entries]))
  const fields = offsets.dict_object
  return memory.place(structure(fields.size, { [fields.ma_keys]: keys, [fields.ma_values]: values }))
}

/** A block of values as a split dict has it: capacity, the values, and the order in which they were set. */
export function drawValues({ memory }: FakeRuntime, values: readonly number[], order: readonly number[]): Address {
  const bytes = structure(
    8 + values.length * 8,
    Object.fromEntries(values.map((value, index) => [8 + index * 8, value])),
  )
  bytes.set([values.length, order.length], 0)
  return memory.place(Buffer.concat([bytes, Buffer.from(order)]))
}

const FACTS = {
  frames: {
    firstEntryOwner: 3,
    lastOwner: 3,
    references: { tagMask: 3, firstMarker: 2 },
    awaitedBelowTop: 16,
    resuming: new Set<number>(),
  },
  generatorStates: { suspended: [0, 1], awaiting: [2, 3], executing: [4], cleared: [5] },
  threadStatus: { initialized: 1, ending: 0xe0 },
} satisfies Partial<PythonFacts>

/** The offsets in the structures that this file draws; `header` is the size of an object's header. */
function offsetsBehind(header: number) {
  return {
    interpreter_state: { size: 226240 },
    thread_state: { size: 856 + header, status: 32, holds_gil: 36, datastack_chunk: 256, datastack_top: 264 },
    interpreter_frame: {
      size: 88,
      executable: 0,
      previous: 8,
      instr_ptr: 56,
      stackpointer: 64,
      owner: header === 32 ? 78 : 74,
      localsplus: 80,
    },
    gen_object: { size: 144 + header, gi_iframe: 56 + header, gi_frame_state: 51 + header },
    llist_node: { next: 0, prev: 8 },
    set_object: { size: 184 + header, used: 8 + header, table: 24 + header, mask: 16 + header },
    pyobject: { size: header, ob_type: header - 8 },
    type_object: {
      size: 408 + header,
      tp_name: 8 + header,
      tp_repr: 72 + header,
      tp_flags: 152 + header,
      tp_basicsize: 16 + header,
      tp_itemsize: 24 + header,
      tp_members: 224 + header,
      tp_base: 240 + header,
      tp_dict: 248 + header,
      tp_dictoffset: 272 + header,
      tp_mro: 328 + header,
    },
    heap_type_object: {
      size: header === 32 ? 968 : 944,
      ht_qualname: 864 + header,
      ht_cached_keys: 872 + header,
    },
    dict_object: { size: 32 + header, ma_used: header, ma_keys: 16 + header, ma_values: 24 + header },
    long_object: { size: 16 + header, lv_tag: header, ob_digit: 8 + header },
    unicode_object: {
      size: 48 + header,
      state: 16 + header,
      length: header,
      asciiobject_size: 24 + header,
      compactunicodeobject_size: 40 + header,
    },
  }
}
