// What all readers of this folder need beside the address of what they read. Types are kept for as long as one
// document takes: the tasks of a program have few of them.

import type { Address } from '../../memory/remote-memory.js'
import { HEAP_TYPE, readType, type TypeInfo } from '../objects/type.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { AsyncioOffsets } from './asyncio-offsets.js'

export interface AsyncioTarget {
  readonly runtime: Runtime
  readonly asyncio: AsyncioOffsets
  readonly types: TypeCache
}

export interface KnownType extends TypeInfo {
  /** A subclass of the C implementation's `Future`, or that class itself: its fields lie where the offsets say. */
  readonly isFuture: boolean
  /** The same for `Task`; every one is a `Future` as well. */
  readonly isTask: boolean
  /** Built in, so that no class of the program can have that name. */
  readonly isStatic: boolean
}

/** More base classes would be a broken chain. */
const MAX_BASES = 256
const FUTURE_TYPE = '_asyncio.Future'
const TASK_TYPE = '_asyncio.Task'

export class TypeCache {
  readonly #runtime: Runtime
  readonly #types = new Map<Address, KnownType>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The type of the object at `address`. */
  readTypeOf(address: Address): KnownType {
    const { memory, offsets } = this.#runtime
    return this.read(readPointer(memory, address + offsets.pyobject.ob_type))
  }

  read(address: Address): KnownType {
    const known = this.#types.get(address)
    if (known !== undefined) return known
    const type = readType(this.#runtime, address)
    const bases = this.#readBaseNames(type)
    const entry = {
      ...type,
      isFuture: bases.includes(FUTURE_TYPE),
      isTask: bases.includes(TASK_TYPE),
      isStatic: (type.flags & HEAP_TYPE) === 0,
    }
    this.#types.set(address, entry)
    return entry
  }

  /** The names of a type and of its bases along `tp_base`, along which a C layout is inherited. */
  #readBaseNames(type: TypeInfo): string[] {
    const { memory, offsets } = this.#runtime
    const names: string[] = []
    for (let at = type; names.length < MAX_BASES; ) {
      names.push(at.name)
      const base = readPointer(memory, at.address + offsets.type_object.tp_base)
      if (base === 0) break
      at = readType(this.#runtime, base)
    }
    return names
  }
}
