// The classes of one target as a reader of many objects meets them, each read once: full name, method resolution
// order, and what the class itself defines. Kept for one reading only, since a class that is freed may give its
// address to another.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import { readDict } from './containers/dict.js'
import { readTuple } from './containers/sequence.js'
import { type Member, readMembers } from './members.js'
import { readStr } from './scalars/str.js'
import { HEAP_TYPE, readType, readTypeOf, STR_SUBCLASS, TYPE_SUBCLASS, type TypeInfo } from './type.js'

export interface ClassInfo extends TypeInfo {
  /** `__name__`. */
  readonly shortName: string
  /** `__qualname__`: `Outer.Inner`. */
  readonly qualifiedName: string
  /** `__module__` and `__qualname__`: `collections.deque`, `app.Job`; built-in types without a module: `int`. */
  readonly fullName: string
}

/** What a class defines beyond this is not looked at. */
const MAX_NAMES = 16_384
/** Deeper inheritance is cut. */
const MAX_BASES = 1024

export class Classes {
  readonly #runtime: Runtime
  readonly #classes = new Map<Address, ClassInfo>()
  readonly #orders = new Map<Address, readonly ClassInfo[]>()
  readonly #namespaces = new Map<Address, ReadonlyMap<string, Address>>()
  readonly #members = new Map<Address, readonly Member[]>()
  readonly #metaclasses = new Set<Address>()
  readonly #ofClasses = new Map<Address, ClassInfo>()
  readonly #names = new Map<Address, string>()
  #strType: Address | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The class of the object at `address`. */
  of(address: Address): ClassInfo {
    const { memory, offsets } = this.#runtime
    return this.at(readPointer(memory, address + offsets.pyobject.ob_type))
  }

  /** @throws RemoraError `MEMORY_UNREADABLE` when what lies at `address` is no class. */
  at(address: Address): ClassInfo {
    const known = this.#classes.get(address)
    if (known !== undefined) return known
    this.#proveClass(address)
    const type = readType(this.#runtime, address)
    const shortName = type.name.slice(type.name.lastIndexOf('.') + 1)
    const plain: ClassInfo = { ...type, shortName, qualifiedName: shortName, fullName: type.name }
    const named = isBareHeapType(type) ? { ...plain, ...this.#readNames(plain) } : plain
    this.#classes.set(address, named)
    return named
  }

  /** The class of a class. */
  metaclass({ address }: ClassInfo): ClassInfo {
    const known = this.#ofClasses.get(address) ?? this.of(address)
    this.#ofClasses.set(address, known)
    return known
  }

  /** The class and its bases in the order in which attributes are looked up. */
  order({ address, mro }: ClassInfo): readonly ClassInfo[] {
    const known = this.#orders.get(address)
    if (known !== undefined) return known
    const { items } = mro === 0 ? { items: [address] } : readTuple(this.#runtime, mro, { limit: MAX_BASES })
    const order = items.map((base) => this.at(base))
    this.#orders.set(address, order)
    return order
  }

  /** What the class itself defines, by name; nothing for the built-in types. */
  namespace({ address, dict }: ClassInfo): ReadonlyMap<string, Address> {
    const known = this.#namespaces.get(address)
    if (known !== undefined) return known
    const entries = dict === 0 ? [] : readDict(this.#runtime, dict, MAX_NAMES)
    const namespace = new Map<string, Address>()
    for (const { key, value } of entries) {
      const name = this.nameAt(key)
      if (name !== undefined) namespace.set(name, value)
    }
    this.#namespaces.set(address, namespace)
    return namespace
  }

  /** The text of a key that is a name; undefined for other keys. Names live as long as what they name. */
  nameAt(key: Address): string | undefined {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const { memory, offsets } = this.#runtime
    const type = readPointer(memory, key + offsets.pyobject.ob_type)
    if (type !== this.#strType) {
      const info = readType(this.#runtime, type)
      if ((info.flags & STR_SUBCLASS) === 0) return undefined
      if (info.name === 'str') this.#strType = type
    }
    const name = readStr(this.#runtime, key)
    this.#names.set(key, name)
    return name
  }

  /** What the class or the nearest of its bases has under `name`: built-in types do not say what they have. */
  find(info: ClassInfo, name: string): Address | undefined {
    for (const base of this.order(info)) {
      const value = this.namespace(base).get(name)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** The members that the class itself adds. */
  members(info: ClassInfo): readonly Member[] {
    const known = this.#members.get(info.address)
    if (known !== undefined) return known
    const members = readMembers(this.#runtime, info)
    this.#members.set(info.address, members)
    return members
  }

  /** Whether `info` is, or inherits from, the class of that full name. */
  inherits(info: ClassInfo, fullName: string): boolean {
    return this.order(info).some((base) => base.fullName === fullName)
  }

  #readNames(info: ClassInfo): Pick<ClassInfo, 'qualifiedName' | 'fullName'> {
    const { memory, offsets } = this.#runtime
    const module = this.namespace(info).get('__module__')
    const qualified = readPointer(memory, info.address + offsets.heap_type_object.ht_qualname)
    const qualifiedName = qualified === 0 ? info.name : readStr(this.#runtime, qualified)
    const isNamed = module !== undefined && (readTypeOf(this.#runtime, module).flags & STR_SUBCLASS) !== 0
    return { qualifiedName, fullName: `${isNamed ? readStr(this.#runtime, module) : '?'}.${qualifiedName}` }
  }

  #proveClass(address: Address): void {
    const { memory, offsets } = this.#runtime
    const metaclass = readPointer(memory, address + offsets.pyobject.ob_type)
    if (this.#metaclasses.has(metaclass)) return
    const flags = memory.read(metaclass + offsets.type_object.tp_flags, 4).readInt32LE()
    if ((flags & TYPE_SUBCLASS) === 0) {
      throw new RemoraError('MEMORY_UNREADABLE', `there is no class at 0x${address.toString(16)}`, { address })
    }
    this.#metaclasses.add(metaclass)
  }
}

/** A class written in Python has no module in its `tp_name`, but in its namespace. */
function isBareHeapType({ flags, name }: TypeInfo): boolean {
  return (flags & HEAP_TYPE) !== 0 && !name.includes('.')
}
