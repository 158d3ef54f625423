// One attribute of many instances, such as the names of all threads. Where a class keeps the attribute among the inline
// values of its instances is learned from the first one; another one takes a read for itself, and two that prove that
// what was learned still holds. Follows Objects/dictobject.c at v3.14.0 (inline values).

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { findAttribute } from './attributes.js'
import { findKey, type KeyPlace, VALUES_HEADER_BYTES } from './containers/dict.js'
import { DICT_BEFORE, INLINE_VALUES, MANAGED_DICT, readTypeOf } from './type.js'

/** The byte of that header which says whether the values are in use. */
const VALID = 3

interface Layout extends KeyPlace {
  readonly type: Address
  readonly keys: Address
  readonly basicSize: number
}

export class InlineAttribute {
  readonly #runtime: Runtime
  readonly #name: string
  /** Of the class that came last: those of one kind come in a row. */
  #layout: Layout | undefined

  constructor(runtime: Runtime, name: string) {
    this.#runtime = runtime
    this.#name = name
  }

  /** The attribute of the instance at `address`; undefined when it has none. */
  find(address: Address): Address | undefined {
    const value = this.#findInline(address, this.#layout)
    if (value !== undefined) return value
    this.#layout = this.#learn(address)
    return this.#findInline(address, this.#layout) ?? findAttribute(this.#runtime, address, this.#name)
  }

  /** Undefined for an instance of another class, and where anything is not as it was. */
  #findInline(address: Address, layout: Layout | undefined): Address | undefined {
    if (layout === undefined) return undefined
    const { type, keys, entry, key, index, basicSize } = layout
    const { memory, offsets } = this.#runtime
    const length = DICT_BEFORE + basicSize + VALUES_HEADER_BYTES + (index + 1) * 8
    const [bytes, keysNow, keyNow] = memory.readMany([
      { address: address - DICT_BEFORE, length },
      { address: type + offsets.heap_type_object.ht_cached_keys, length: 8 },
      { address: entry, length: 8 },
    ])
    if (bytes === undefined || keysNow === undefined || keyNow === undefined) return undefined
    const values = DICT_BEFORE + basicSize
    const holds =
      pointerAt(bytes, 0) === 0 &&
      pointerAt(bytes, DICT_BEFORE + offsets.pyobject.ob_type) === type &&
      bytes[values + VALID] === 1 &&
      (bytes[values] as number) > index &&
      pointerAt(keysNow, 0) === keys &&
      pointerAt(keyNow, 0) === key
    const value = holds ? pointerAt(bytes, values + VALUES_HEADER_BYTES + index * 8) : 0
    return value === 0 ? undefined : value
  }

  /** Where the class of the instance at `address` keeps the attribute; undefined when that is not inline. */
  #learn(address: Address): Layout | undefined {
    const { address: type, flags, cachedKeys: keys, basicSize } = readTypeOf(this.#runtime, address)
    const isInline = (flags & INLINE_VALUES) !== 0 && (flags & MANAGED_DICT) !== 0 && !this.#runtime.freeThreaded
    const place = isInline ? findKey(this.#runtime, keys, this.#name) : undefined
    return place && { ...place, type, keys, basicSize }
  }
}
