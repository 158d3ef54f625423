// Where in the objects of a class references lie: what the target's own collector would look at (`tp_traverse`), where
// the interpreter itself defines the class, and otherwise the whole body. Follows Objects/{setobject,typeobject,
// genobject,frameobject,weakrefobject}.c, Modules/_functoolsmodule.c and Python/context.c at v3.14.0.

import { F_FRAME } from '../frames/frame.js'
import type { Classes, ClassInfo } from '../objects/classes.js'
import {
  BYTES_SUBCLASS,
  DICT_SUBCLASS,
  HEAP_TYPE,
  INT_SUBCLASS,
  LIST_SUBCLASS,
  TYPE_SUBCLASS,
} from '../objects/type.js'
import type { Runtime } from '../runtime/find-runtime.js'

/** From and to, in bytes from the start of an object. */
export type Range = readonly [from: number, to: number]

/** What is looked through beside the body. */
export type Kind = 'cache' | 'deque' | 'dict' | 'frame' | 'generator' | 'list' | 'plain' | 'set'

export interface Layout {
  readonly info: ClassInfo
  readonly kind: Kind
  /** The parts of the body that are references, without what follows at variable length. */
  readonly ranges: readonly Range[]
  /** Whether references follow behind the body, as many as the header says. */
  readonly hasItems: boolean
  /** The words that say where its table lies, which moves as it grows; empty for what has none. */
  readonly table: Range
  /** Bytes that a body must have, or the class is none any more. */
  readonly least: number
}

/** Of an entry of `functools.lru_cache`, from its start; the cache itself begins with one that has neither. */
export const LRU = { next: 24, key: 40, result: 48 } as const
/** Of a weak reference, from its start: what it refers to, the hash of that, and its neighbours in that one's list. */
const WEAK_WORDS = [16, 32, 40, 48]
/** Of a context variable, from its start: the value that was looked up last, which is borrowed. */
const CACHED_VALUE = 32

const NONE: Range = [0, 0]

export function layOutReferences(runtime: Runtime, classes: Classes, info: ClassInfo): Layout {
  const { memory, offsets } = runtime
  const { flags, basicSize, dictOffset } = info
  // An instance of a static class is no reference to it.
  const start = flags & HEAP_TYPE ? offsets.pyobject.ob_type : offsets.pyobject.size
  // Where its instances have their weak references.
  const weakList = memory.read(info.address + offsets.type_object.tp_weaklistoffset, 8).readBigInt64LE()
  const upTo = (end: number, ...borrowed: number[]): Range[] => without([start, end], [Number(weakList), ...borrowed])
  const isA = (...names: string[]): boolean => names.some((name) => classes.inherits(info, name))
  const least = Math.max(offsets.pyobject.size, dictOffset > 0 ? dictOffset + 8 : 0)
  const plain = { info, kind: 'plain', ranges: upTo(basicSize), hasItems: false, table: NONE, least } as const

  if (flags & TYPE_SUBCLASS) {
    const { tp_base, tp_dict, tp_bases, tp_mro, tp_cache } = offsets.type_object
    const fields = [start, tp_base, tp_dict, tp_bases, tp_mro, tp_cache, offsets.heap_type_object.ht_module]
    return { ...plain, ranges: fields.map((at) => [at, at + 8]) }
  }
  if (flags & LIST_SUBCLASS) {
    const { ob_item, size } = offsets.list_object
    return { ...plain, kind: 'list', table: [ob_item, ob_item + 8], least: Math.max(least, size) }
  }
  if (flags & DICT_SUBCLASS || isA('frozendict')) {
    const { ma_keys, ma_values, size } = offsets.dict_object
    return { ...plain, kind: 'dict', table: [ma_keys, ma_values + 8], least: Math.max(least, size) }
  }
  if (isA('set', 'frozenset')) {
    const { table, size } = offsets.set_object
    // What lies between is numbers, and the slots of a small table.
    const ranges = [[start, offsets.pyobject.size] as const, ...without([size, basicSize], [])]
    return { ...plain, kind: 'set', ranges, table: [table, table + 8], least: Math.max(least, size) }
  }
  if (isA('collections.deque')) return { ...plain, kind: 'deque' }
  if (isA('functools._lru_cache_wrapper')) return { ...plain, kind: 'cache', least: LRU.result + 8 }
  if (isA('weakref.ReferenceType', 'weakref.ProxyType', 'weakref.CallableProxyType')) {
    return { ...plain, ranges: upTo(basicSize, ...WEAK_WORDS) }
  }
  if (isA('_contextvars.ContextVar')) return { ...plain, ranges: upTo(basicSize, CACHED_VALUE) }
  if (isA('generator', 'coroutine', 'async_generator')) {
    const { gi_iframe } = offsets.gen_object
    return { ...plain, kind: 'generator', ranges: upTo(gi_iframe), least: gi_iframe }
  }
  if (isA('frame')) {
    const frame = offsets.pyobject.size + F_FRAME
    const ranges = upTo(basicSize - offsets.interpreter_frame.localsplus, frame)
    return { ...plain, kind: 'frame', ranges, least: frame + 8 }
  }
  // Items of other sizes are digits, bytes and the like.
  const hasItems = info.itemSize === 8 && (flags & (INT_SUBCLASS | BYTES_SUBCLASS)) === 0
  return { ...plain, hasItems, least: hasItems ? Math.max(least, offsets.pyobject.size + 8) : least }
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
