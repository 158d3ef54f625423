// Which objects refer to given ones: the words of each object that the garbage collector tracks, and of the tables that
// it alone owns, are compared with the addresses that are looked for. Where the target's own collector would look
// (`tp_traverse`) is known for what the interpreter itself defines; of other classes in C the whole body is taken, without
// what they keep elsewhere. Follows Objects/{dictobject,typeobject,genobject,frameobject,weakrefobject}.c at v3.14.0.

import { RemoraError } from '../errors/remora-error.js'
import { BlockMemory } from '../memory/blocks.js'
import type { Address } from '../memory/remote-memory.js'
import type { Runtime } from './find-runtime.js'
import { OWNED_BY_FRAME_OBJECT } from './frame.js'
import type { TrackedObject } from './gc-objects.js'
import type { Classes, ClassInfo } from './objects/classes.js'
import { readDeque } from './objects/sequence.js'
import { DICT_SUBCLASS, HEAP_TYPE, INLINE_VALUES, LIST_SUBCLASS, MANAGED_DICT, TYPE_SUBCLASS } from './objects/type.js'
import { pointerAt } from './pointer.js'

/** Of an instance's dict that its class manages, before the instance. */
const DICT_BEFORE = 24
/** {capacity, size, embedded, valid}, a byte each, and padding. */
const VALUES_HEADER_BYTES = 8
const KEYS_HEADER_BYTES = 32
const MAX_LOG2_SIZE = 40
const SET_SLOT_BYTES = 16
/** A frame's own stack is never longer than the code object can say. */
const MAX_FRAME_WORDS = 1 << 20
/** Larger tables are read piece by piece. */
const PIECE_BYTES = 1 << 18
const MAX_TABLE_BYTES = 2 ** 40
/** Words are looked up by their low bits first. */
const FILTER_SLOTS = 1 << 12

/** `tp_weaklistoffset` of a class: where its instances have their weak references, from `tp_members` on. */
const WEAK_LIST_OFFSET = -32
/** Of a frame: where its references lie from `f_executable` on; globals and builtins are borrowed. */
const FRAME_FIELDS = { executable: 0, funcobj: 16, locals: 40, frame_obj: 48 } as const
/** Of a frame object, from its start. */
const F_FRAME = 24
/** Of a weak reference, from its start: what it refers to, and its neighbours in that one's list. */
const WEAK_WORDS = [16, 40, 48]

/** From and to, in bytes from the start of an object. */
type Range = readonly [from: number, to: number]

interface Layout {
  readonly info: ClassInfo
  /** The part of the object in which references lie, without what follows at variable length. */
  readonly ranges: readonly Range[]
  readonly itemSize: number
  /** Looks through what the object owns beside its body. */
  readonly search?: (object: TrackedObject, body: Buffer) => void
}

export class ReferenceSearch {
  /** Of each address that is looked for, the objects that refer to it. */
  readonly found: ReadonlyMap<Address, Set<Address>>
  /** The objects whose attributes lie in a dict of their own (instances, modules, classes), by that dict. */
  readonly owners = new Map<Address, Address>()
  /** Objects that changed while they were looked through, which may have missed something. */
  torn = 0
  readonly #runtime: Runtime
  readonly #classes: Classes
  readonly #layouts = new Map<Address, Layout>()
  readonly #filter = new Uint8Array(FILTER_SLOTS)
  #holder: Address = 0

  constructor(runtime: Runtime, classes: Classes, targets: Iterable<Address>) {
    this.#runtime = { ...runtime, memory: new BlockMemory(runtime.memory) }
    this.#classes = classes
    this.found = new Map([...targets].map((address) => [address, new Set<Address>()]))
    for (const address of this.found.keys()) this.#filter[slotOf(address % 0x1_0000_0000)] = 1
  }

  visit(object: TrackedObject): void {
    const layout = this.#layouts.get(object.type) ?? this.#layOut(object.type)
    this.#holder = object.address
    try {
      this.#searchBody(layout, object)
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
      this.torn++
    }
  }

  #searchBody(layout: Layout, object: TrackedObject): void {
    const { info, ranges, itemSize } = layout
    const body = this.#take(object, 0, info.basicSize)
    // What is no class any more may claim anything.
    if (body.length < this.#leastBytes(info)) throw torn(info.address)
    for (const [from, to] of ranges) this.#searchWords(body, from, to)
    if (itemSize > 0) {
      const length = Math.abs(Number(body.readBigInt64LE(this.#runtime.offsets.pyobject.size))) * itemSize
      this.#searchTable(object.address + info.basicSize, length)
    }
    if (info.flags & (MANAGED_DICT | INLINE_VALUES)) this.#searchManaged(info, object)
    else if (info.dictOffset > 0) this.#own(pointerAt(body, info.dictOffset))
    layout.search?.(object, body)
  }

  /** Attributes that lie inline, and the dict that stands in for them or has taken their place. */
  #searchManaged({ flags, basicSize }: ClassInfo, object: TrackedObject): void {
    if (flags & MANAGED_DICT) {
      const before = this.#take(object, -DICT_BEFORE, 8)
      this.#searchWords(before, 0, 8)
      this.#own(pointerAt(before, 0))
    }
    if (flags & INLINE_VALUES) {
      const head = this.#take(object, basicSize, VALUES_HEADER_BYTES)
      const [capacity, valid] = [head[0] as number, head[3] as number]
      if (valid === 1) this.#searchTable(object.address + basicSize + VALUES_HEADER_BYTES, capacity * 8)
    }
  }

  /** Of an instance: up to the last field that is asked for. */
  #leastBytes({ flags, itemSize, dictOffset }: ClassInfo): number {
    const { pyobject, list_object, dict_object } = this.#runtime.offsets
    return Math.max(
      pyobject.size,
      itemSize > 0 ? pyobject.size + 8 : 0,
      dictOffset > 0 ? dictOffset + 8 : 0,
      flags & LIST_SUBCLASS ? list_object.size : 0,
      flags & DICT_SUBCLASS ? dict_object.size : 0,
    )
  }

  #own(dict: Address): void {
    if (dict !== 0) this.owners.set(dict, this.#holder)
  }

  #searchDict(header: Buffer): void {
    const { ma_keys, ma_values } = this.#runtime.offsets.dict_object
    const values = pointerAt(header, ma_values)
    if (values !== 0) {
      const head = this.#read(values, VALUES_HEADER_BYTES)
      const [capacity, embedded] = [head[0] as number, head[2] as number]
      // Embedded values are those of the instance.
      if (embedded !== 1) this.#searchTable(values + VALUES_HEADER_BYTES, capacity * 8)
      return
    }
    const keys = pointerAt(header, ma_keys)
    const head = this.#read(keys, KEYS_HEADER_BYTES)
    const [log2Size, log2IndexBytes, kind] = [head[8] as number, head[9] as number, head[10] as number]
    const count = pointerAt(head, 24)
    if (log2Size > MAX_LOG2_SIZE || log2IndexBytes > MAX_LOG2_SIZE + 3 || count > 2 ** log2Size) throw torn(keys)
    this.#searchTable(keys + KEYS_HEADER_BYTES + 2 ** log2IndexBytes, count * (kind === 0 ? 24 : 16))
  }

  #searchSet(object: TrackedObject, header: Buffer): void {
    const { table, mask } = this.#runtime.offsets.set_object
    const start = pointerAt(header, table)
    // The first eight slots are part of the body.
    if (start >= object.address && start < object.address + header.length) return
    this.#searchTable(start, (pointerAt(header, mask) + 1) * SET_SLOT_BYTES)
  }

  #searchGenerator({ address }: TrackedObject): void {
    const { offsets, version } = this.#runtime
    const { gi_iframe, gi_frame_state } = offsets.gen_object
    const state = this.#read(address + gi_frame_state, 1).readInt8()
    if (version.minor >= 15 ? state >= 5 : state >= 1) return
    this.#searchFrame(address + gi_iframe, state !== (version.minor >= 15 ? 4 : 0))
  }

  /** A frame that runs on a thread's stack is no part of its frame object. */
  #searchFrameObject(body: Buffer): void {
    const frame = pointerAt(body, F_FRAME)
    const owner = this.#read(frame + this.#runtime.offsets.interpreter_frame.owner, 1)[0]
    if (owner === OWNED_BY_FRAME_OBJECT) this.#searchFrame(frame, true)
  }

  /** @param rests Whether its stack pointer says where its evaluation stack ends. */
  #searchFrame(frame: Address, rests: boolean): void {
    const { memory, offsets, derived } = this.#runtime
    const { executable, localsplus, stackpointer } = offsets.interpreter_frame
    const head = this.#read(frame, localsplus)
    for (const at of Object.values(FRAME_FIELDS)) this.#searchWords(head, executable + at, executable + at + 8)
    const code = pointerAt(head, executable) - (pointerAt(head, executable) % 4)
    const named = memory.read(code + derived.code_object.co_nlocalsplus, 4).readInt32LE()
    const all = (pointerAt(head, stackpointer) - frame - localsplus) / 8
    const words = rests && all >= named ? all : named
    if (!(words >= 0 && words <= MAX_FRAME_WORDS)) throw torn(frame)
    this.#searchTable(frame + localsplus, words * 8)
  }

  #searchTable(start: Address, length: number): void {
    if (!(length >= 0 && length <= MAX_TABLE_BYTES)) throw torn(start)
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const bytes = this.#read(start + at, Math.min(PIECE_BYTES, length - at))
      this.#searchWords(bytes, 0, bytes.length)
    }
  }

  #searchWords(bytes: Buffer, from: number, to: number): void {
    const end = Math.min(to, bytes.length)
    for (let at = from; at + 8 <= end; at += 8) {
      const low = bytes.readUInt32LE(at)
      if (this.#filter[slotOf(low)] !== 1) continue
      // References in frames have two bits of their own; elsewhere these are 0.
      this.#meet(bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + low - (low % 4))
    }
  }

  #meet(address: Address): void {
    this.found.get(address)?.add(this.#holder)
  }

  /** Part of an object: of what came with it, or by a read of its own. */
  #take({ address, bytes, offset }: TrackedObject, at: number, length: number): Buffer {
    const start = offset + at
    const isThere = start >= 0 && start + length <= bytes.length
    return isThere ? bytes.subarray(start, start + length) : this.#read(address + at, length)
  }

  #read(address: Address, length: number): Buffer {
    return this.#runtime.memory.read(address, length)
  }

  #layOut(type: Address): Layout {
    const info = this.#classes.at(type)
    const layout = this.#layOutClass(info)
    this.#layouts.set(type, layout)
    return layout
  }

  #layOutClass(info: ClassInfo): Layout {
    const { offsets, derived } = this.#runtime
    const { memory } = this.#runtime
    const isA = (...names: string[]): boolean => names.some((name) => this.#classes.inherits(info, name))
    const weakList = memory.read(info.address + derived.type_object.tp_members + WEAK_LIST_OFFSET, 8).readBigInt64LE()
    // An instance of a class made in C is no reference to it.
    const start = info.flags & HEAP_TYPE ? offsets.pyobject.ob_type : offsets.pyobject.ob_type + 8
    const { basicSize } = info
    const plain = { info, itemSize: info.itemSize, ranges: without([start, basicSize], [Number(weakList)]) }
    if (info.flags & TYPE_SUBCLASS) {
      const { tp_base, tp_dict, tp_mro, ht_cached_keys } = derived.type_object
      // tp_bases, tp_mro and tp_cache in a row; ht_module behind the keys.
      const fields = [start, tp_base, tp_dict, tp_mro - 8, tp_mro, tp_mro + 8, ht_cached_keys + 8]
      return { info, itemSize: 0, ranges: fields.map((at) => [at, at + 8]) }
    }
    if (info.flags & LIST_SUBCLASS) {
      const { ob_item, ob_size } = offsets.list_object
      return {
        ...plain,
        search: (_, body) => this.#searchTable(pointerAt(body, ob_item), pointerAt(body, ob_size) * 8),
      }
    }
    if (info.flags & DICT_SUBCLASS || isA('frozendict'))
      return { ...plain, search: (_, body) => this.#searchDict(body) }
    if (isA('set', 'frozenset')) return { ...plain, search: (object, body) => this.#searchSet(object, body) }
    if (isA('collections.deque')) return { ...plain, search: (object) => this.#searchDeque(object) }
    if (isA('weakref.ReferenceType')) {
      return { ...plain, ranges: without([start, basicSize], [Number(weakList), ...WEAK_WORDS]) }
    }
    if (isA('generator', 'coroutine', 'async_generator')) {
      const ranges = without([start, offsets.gen_object.gi_iframe], [Number(weakList)])
      return { info, itemSize: 0, ranges, search: (object) => this.#searchGenerator(object) }
    }
    if (isA('frame')) {
      const ranges = without([start, basicSize - offsets.interpreter_frame.localsplus], [F_FRAME])
      return { info, itemSize: 0, ranges, search: (_, body) => this.#searchFrameObject(body) }
    }
    return plain
  }

  #searchDeque({ address }: TrackedObject): void {
    for (const item of readDeque(this.#runtime, address, { limit: Number.POSITIVE_INFINITY }).items) this.#meet(item)
  }
}

/** A range without the words at some places. */
function without([from, to]: Range, places: readonly number[]): Range[] {
  const ranges: Range[] = []
  let next = from
  for (const place of places.filter((one) => one >= from && one < to).sort((a, b) => a - b)) {
    ranges.push([next, place])
    next = place + 8
  }
  return [...ranges, [next, to]]
}

function slotOf(low: number): number {
  return (low >>> 4) % FILTER_SLOTS
}

function torn(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `what lies at 0x${address.toString(16)} changed while it was read`, {
    address,
  })
}
