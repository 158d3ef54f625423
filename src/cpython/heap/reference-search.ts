// Which objects refer to given ones: the words of each object that the garbage collector tracks, and of the tables that
// it alone owns, are compared with the addresses that are looked for. What other code in C keeps elsewhere is not seen.
// Follows Objects/{dictobject,setobject,genobject,frameobject}.c at v3.14.0.

import { RemoraError } from '../../errors/remora-error.js'
import { BlockMemory } from '../../memory/blocks.js'
import type { Address } from '../../memory/remote-memory.js'
import { F_FRAME, OWNED_BY_FRAME_OBJECT } from '../frames/frame.js'
import { generatorStateOf } from '../frames/generator-state.js'
import type { Classes, ClassInfo } from '../objects/classes.js'
import { readKeys, VALUES_HEADER_BYTES } from '../objects/containers/dict.js'
import { readDeque } from '../objects/containers/sequence.js'
import { isFreed } from '../objects/header.js'
import { DICT_BEFORE, INLINE_VALUES, MANAGED_DICT } from '../objects/type.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { TrackedObject } from './gc-objects.js'
import { type Layout, LRU, layOutReferences } from './reference-layout.js'

/** The entries of a table: how long one is, and where in it references lie. Hashes may be any number. */
const POINTERS = { bytes: 8, references: [0] } as const
const SET_SLOTS = { bytes: 16, references: [0] } as const
/** Larger tables are read in pieces: a multiple of every kind of entry. */
const PIECE_BYTES = 3 << 16
const MAX_TABLE_BYTES = 2 ** 40
/** A longer deque and a larger cache are not looked through. */
const MAX_LINKED = 10_000_000
/** Words are looked up by their low bits first. */
const FILTER_SLOTS = 1 << 12
/** Objects that are looked through before all are asked whether their tables have moved. */
const UNPROVED = 512
const ATTEMPTS = 5

interface Entries {
  readonly bytes: number
  readonly references: readonly number[]
}

interface Unproved {
  readonly object: TrackedObject
  readonly layout: Layout
  /** Where its table was that was looked through; undefined when something could not be read. */
  readonly place: Buffer | undefined
}

export class ReferenceSearch {
  /** Of each address that is looked for, the objects that refer to it. */
  readonly found: ReadonlyMap<Address, Set<Address>>
  /** The objects whose attributes lie in a dict of their own (instances, modules, classes), by that dict. */
  readonly owners = new Map<Address, Address>()
  /** Objects that could not be read, although they were there: something may have been missed. */
  torn = 0
  readonly #runtime: Runtime
  readonly #classes: Classes
  readonly #layouts = new Map<Address, Layout>()
  readonly #filter = new Uint8Array(FILTER_SLOTS)
  readonly #blocks: BlockMemory
  /** The runtime as it is now, or with its memory in blocks. */
  #reading: Runtime
  /** The object that is looked through. */
  #holder: Address = 0
  #unproved: Unproved[] = []

  constructor(runtime: Runtime, classes: Classes, targets: Iterable<Address>) {
    this.#runtime = runtime
    this.#classes = classes
    this.#blocks = new BlockMemory(runtime.memory)
    this.#reading = { ...runtime, memory: this.#blocks }
    this.found = new Map([...targets].map((address) => [address, new Set<Address>()]))
    for (const address of this.found.keys()) this.#filter[slotOf(address % 0x1_0000_0000)] = 1
  }

  /** Looks through one object. All is found that was there throughout once `prove` has been called. */
  visit(object: TrackedObject): void {
    const layout = this.#layouts.get(object.type) ?? this.#layOut(object.type)
    const place = this.#trySearch(layout, object)
    if (place === undefined || place.length > 0) this.#unproved.push({ object, layout, place })
    if (this.#unproved.length >= UNPROVED) this.prove()
  }

  /** Looks again, at memory as it is now, through those whose tables have moved meanwhile. */
  prove(): void {
    const inBlocks = this.#reading
    this.#reading = this.#runtime
    for (let attempt = 0; this.#unproved.length > 0 && attempt < ATTEMPTS; attempt++) {
      this.#blocks.forget()
      this.#unproved = this.#unproved.flatMap((one) => this.#proveAgain(one))
    }
    // One that has moved each time is none that was there throughout: others are made where it has been.
    this.torn += this.#unproved.filter(({ place }) => place === undefined).length
    this.#unproved = []
    this.#reading = inBlocks
  }

  /** Nothing when all was seen, or when the object is there no longer. */
  #proveAgain({ object: { address, type }, layout, place }: Unproved): Unproved[] {
    const { pyobject } = this.#runtime.offsets
    const [header] = this.#blocks.readMany([{ address, length: Math.max(layout.table[1], pyobject.size) }])
    if (header === undefined || isFreed(header) || pointerAt(header, pyobject.ob_type) !== type) return []
    if (place?.equals(header.subarray(...layout.table))) return []
    const object = { address, type, bytes: Buffer.of(), offset: 0 }
    return [{ object, layout, place: this.#trySearch(layout, object) }]
  }

  #trySearch(layout: Layout, object: TrackedObject): Unproved['place'] {
    this.#holder = object.address
    try {
      return this.#search(layout, object)
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'MEMORY_UNREADABLE') throw error
      return undefined
    }
  }

  #search({ info, kind, ranges, hasItems, table, least }: Layout, object: TrackedObject): Buffer {
    const body = this.#take(object, 0, info.basicSize)
    if (body.length < least) throw torn(info.address)
    for (const [from, to] of ranges) this.#searchWords(body.subarray(from, to))
    if (hasItems) {
      const count = Math.abs(Number(body.readBigInt64LE(this.#runtime.offsets.pyobject.size)))
      this.#searchTable(object.address + info.basicSize, count * 8)
    }
    if (info.flags & (MANAGED_DICT | INLINE_VALUES)) this.#searchManaged(info, object)
    else if (info.dictOffset > 0) this.#own(pointerAt(body, info.dictOffset))
    this.#searchKind(kind, object.address, body)
    return Buffer.from(body.subarray(...table))
  }

  #searchKind(kind: Layout['kind'], address: Address, body: Buffer): void {
    if (kind === 'dict') this.#searchDict(body)
    else if (kind === 'list') this.#searchList(body)
    else if (kind === 'set') this.#searchSet(body)
    else if (kind === 'deque') this.#searchDeque(address)
    else if (kind === 'generator') this.#searchGenerator(address)
    else if (kind === 'frame') this.#searchFrameObject(body)
    else if (kind === 'cache') this.#searchCache(address, body)
  }

  /** Attributes that lie inline, and the dict that stands in for them or has taken their place. */
  #searchManaged({ flags, basicSize }: ClassInfo, object: TrackedObject): void {
    if (flags & MANAGED_DICT) {
      const before = this.#take(object, -DICT_BEFORE, 8)
      this.#searchWords(before)
      this.#own(pointerAt(before, 0))
    }
    if (flags & INLINE_VALUES) {
      const head = this.#take(object, basicSize, VALUES_HEADER_BYTES)
      const [capacity, valid] = [head[0] as number, head[3] as number]
      if (valid === 1) this.#searchTable(object.address + basicSize + VALUES_HEADER_BYTES, capacity * 8)
    }
  }

  #own(dict: Address): void {
    if (dict !== 0) this.owners.set(dict, this.#holder)
  }

  #searchList(body: Buffer): void {
    const { ob_item, ob_size } = this.#runtime.offsets.list_object
    this.#searchTable(pointerAt(body, ob_item), pointerAt(body, ob_size) * 8)
  }

  #searchDict(body: Buffer): void {
    const { ma_keys, ma_values } = this.#runtime.offsets.dict_object
    const values = pointerAt(body, ma_values)
    if (values !== 0) {
      const head = this.#read(values, VALUES_HEADER_BYTES)
      const [capacity, embedded] = [head[0] as number, head[2] as number]
      // Embedded values are those of the instance.
      if (embedded !== 1) this.#searchTable(values + VALUES_HEADER_BYTES, capacity * 8)
      return
    }
    const { entries, entryBytes, keyOffset, count } = readKeys(this.#reading, pointerAt(body, ma_keys))
    this.#searchTable(entries, count * entryBytes, { bytes: entryBytes, references: [keyOffset, keyOffset + 8] })
  }

  #searchSet(body: Buffer): void {
    const { table, mask } = this.#runtime.offsets.set_object
    this.#searchTable(pointerAt(body, table), (pointerAt(body, mask) + 1) * SET_SLOTS.bytes, SET_SLOTS)
  }

  #searchDeque(address: Address): void {
    const { length } = readDeque(this.#reading, address, { limit: 0 })
    if (length > MAX_LINKED) throw torn(address)
    for (const item of readDeque(this.#reading, address, { limit: length }).items) this.#meet(item)
  }

  /** Keys and results: the entries are no objects of their own to the garbage collector. */
  #searchCache(address: Address, body: Buffer): void {
    let entry = pointerAt(body, LRU.next)
    for (let count = 0; entry !== address && entry !== 0; count++) {
      if (count > MAX_LINKED) throw torn(address)
      const bytes = this.#read(entry, LRU.result + 8)
      this.#searchWords(bytes.subarray(LRU.key))
      entry = pointerAt(bytes, LRU.next)
    }
  }

  #searchGenerator(address: Address): void {
    const { gi_iframe, gi_frame_state } = this.#runtime.offsets.gen_object
    const state = generatorStateOf(this.#runtime, this.#read(address + gi_frame_state, 1).readInt8())
    if (state !== 'cleared') this.#searchFrame(address + gi_iframe, state !== 'executing')
  }

  /** A frame that runs on a thread's stack is no part of its frame object. */
  #searchFrameObject(body: Buffer): void {
    const { pyobject, interpreter_frame } = this.#runtime.offsets
    const frame = pointerAt(body, pyobject.size + F_FRAME)
    const owner = this.#read(frame + interpreter_frame.owner, 1)[0]
    if (owner === OWNED_BY_FRAME_OBJECT) this.#searchFrame(frame, true)
  }

  /** @param rests Whether its stack pointer says where its evaluation stack ends. */
  #searchFrame(frame: Address, rests: boolean): void {
    const { offsets } = this.#runtime
    const { executable, f_funcobj, f_locals, frame_obj, localsplus, stackpointer } = offsets.interpreter_frame
    const head = this.#read(frame, localsplus)
    // Globals and builtins are borrowed.
    for (const at of [executable, f_funcobj, f_locals, frame_obj]) this.#searchWords(head.subarray(at, at + 8))
    const code = pointerAt(head, executable) - (pointerAt(head, executable) % 4)
    const named = this.#read(code + offsets.code_object.co_nlocalsplus, 4).readInt32LE()
    const most = this.#read(code + offsets.code_object.co_framesize, 4).readInt32LE()
    const all = (pointerAt(head, stackpointer) - frame - localsplus) / 8
    const words = rests && all >= named ? all : named
    if (!(words >= 0 && words <= most)) throw torn(frame)
    this.#searchTable(frame + localsplus, words * 8)
  }

  #searchTable(start: Address, length: number, { bytes: step, references }: Entries = POINTERS): void {
    if (!(length >= 0 && length <= MAX_TABLE_BYTES)) throw torn(start)
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const bytes = this.#read(start + at, Math.min(PIECE_BYTES, length - at))
      for (const first of references) this.#searchWords(bytes.subarray(first), step)
    }
  }

  #searchWords(bytes: Buffer, step = 8): void {
    for (let at = 0; at + 8 <= bytes.length; at += step) {
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
    return this.#reading.memory.read(address, length)
  }

  #layOut(type: Address): Layout {
    const layout = layOutReferences(this.#runtime, this.#classes, this.#classes.at(type))
    this.#layouts.set(type, layout)
    return layout
  }
}

function slotOf(low: number): number {
  return (low >>> 4) % FILTER_SLOTS
}

function torn(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `what lies at 0x${address.toString(16)} changed while it was read`, {
    address,
  })
}
