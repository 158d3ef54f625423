// Who holds an object, as a person would say it: the module, class or instance whose attribute it is, rather than the
// dict in which that one keeps its attributes.

import type { TrackedObject } from '../../../cpython/heap/gc-objects.js'
import { ReferenceSearch } from '../../../cpython/heap/reference-search.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import { nameReferences, type ReferenceNames } from '../../../cpython/values/names/name-references.js'
import { readVariable } from '../../../cpython/values/read-variable.js'
import { toHex } from '../../../cpython/values/shape.js'
import { MAX_OBJECTS } from '../../../cpython/values/value-reader.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { ReferrerInfo } from '../../documents/index.js'
import { readModules } from '../inspect/roots.js'
import type { Look } from '../inspect/start.js'

export class Holders {
  readonly #look: Look
  /** The paths of modules, by address. */
  readonly #modules: ReadonlyMap<Address, string>

  constructor(look: Look) {
    this.#look = look
    const modules = unlessTorn(() => readModules(look), new Map<string, Address>())
    // One that is there under several names has that which came first.
    this.#modules = new Map([...modules].reverse().map(([name, address]) => [address, name]))
  }

  isModule(address: Address): boolean {
    return this.#modules.has(address)
  }

  /**
   * What `holder` has to do with `value`: `gone` when it refers to it no longer, `torn` when it changed each time.
   * @param owner The object whose attributes the holder is.
   */
  describe(value: Address, holder: Address, owner: Address | undefined): ReferrerInfo | 'gone' | 'torn' {
    const named = owner === undefined ? undefined : this.#describeAs(value, owner)
    if (named !== undefined && named.paths.length > 0) return named
    const plain = this.#describeAs(value, holder)
    if (plain !== undefined && (plain.paths.length > 0 || ['key', 'element'].includes(plain.as ?? ''))) return plain
    const refers = this.#refersStill(value, holder)
    return refers === true ? (plain ?? 'torn') : refers
  }

  #describeAs(value: Address, address: Address): ReferrerInfo | undefined {
    const { reader } = this.#look
    reader.left = MAX_OBJECTS
    const path = this.#modules.get(address) ?? `@${toHex(address)}`
    const found = unlessTorn(() => reader.look(address, (object) => nameReferences(reader, object, value)), undefined)
    if (found === undefined) return undefined
    const holder = readVariable(reader, { name: path, plainName: '', value: address }, 0)
    const paths = found.names.map((name) => (name.startsWith('[') ? path + name : `${path}.${name}`))
    if (paths.length > 0) return { holder, paths }
    return { holder, paths, as: kindOf(found) }
  }

  #refersStill(value: Address, holder: Address): true | 'gone' | 'torn' {
    const { reader } = this.#look
    const search = new ReferenceSearch(reader.runtime, reader.classes, [value])
    const read = (): TrackedObject => {
      return { address: holder, type: reader.classes.of(holder).address, bytes: Buffer.of(), offset: 0 }
    }
    const object = unlessTorn(read, undefined)
    if (object === undefined) return 'gone'
    search.visit(object)
    search.prove()
    if (search.found.get(value)?.has(holder)) return true
    return search.torn > 0 ? 'torn' : 'gone'
  }
}

function kindOf({ isKey, isElement, hasStack }: ReferenceNames): NonNullable<ReferrerInfo['as']> {
  if (isKey) return 'key'
  if (isElement) return 'element'
  return hasStack ? 'operand' : 'field'
}
