// How an object refers to another one, in words that a path understands: the names under which it has it, or what else
// it is in there.

import type { Address } from '../../../memory/remote-memory.js'
import { readDict } from '../../objects/containers/dict.js'
import { TYPE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { describe } from '../kinds.js'
import type { Child, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'
import { nameEntry } from './name-entry.js'
import { readPlainAttributes } from './plain-attributes.js'

/** Entries of a larger container are not looked through. */
const MAX_ENTRIES = 1_000_000

const WITH_STACK = new Set(['async_generator', 'coroutine', 'frame', 'generator'])

export interface ReferenceNames {
  /** `attribute`, `[0]`, `['key']`: as often as it is there. */
  readonly names: readonly string[]
  /** It is a key of a dict. */
  readonly isKey: boolean
  /** It is in there where no path leads: in a set. */
  readonly isElement: boolean
  /** The object has a stack of its own on which values lie that have no name, such as what a coroutine awaits. */
  readonly hasStack: boolean
}

/** @throws RemoraError `MEMORY_UNREADABLE` when the object changed while it was read. */
export function nameReferences(reader: ValueReader, object: Instance, value: Address): ReferenceNames {
  const shape = describe(object, { reader, items: MAX_ENTRIES, chars: 1 })
  const names = new Set<string>()
  let [isKey, isElement] = [false, false]
  for (const [index, entry] of (shape.entries ?? []).entries()) {
    if (entry.key === value) isKey = true
    if (entry.value !== value) continue
    const { name } = nameEntry(reader, { steps: shape.steps, entry, index })
    if (name === '') isElement = true
    else names.add(name)
  }
  for (const child of readAllNamed(reader, object, shape)) if (child.value === value) names.add(child.name)
  return { names: [...names], isKey, isElement, hasStack: WITH_STACK.has(object.class.fullName) }
}

/** All that has a name, also what is not shown of an object: a module's private names. */
function readAllNamed(reader: ValueReader, object: Instance, { namespace, extra, hidden }: Shape): Child[] {
  if (namespace !== undefined) return readNamespace(reader, namespace)
  if (object.class.flags & TYPE_SUBCLASS) {
    const ownNames = reader.classes.namespace(reader.classes.at(object.address))
    return [...ownNames].map(([name, value]) => ({ name, value }))
  }
  return [...readPlainAttributes(reader, object, { builtIn: true }), ...(extra?.() ?? []), ...(hidden?.() ?? [])]
}

function readNamespace({ runtime, classes }: ValueReader, dict: Address): Child[] {
  return readDict(runtime, dict).flatMap(({ key, value }) => {
    const name = classes.nameAt(key)
    return name === undefined ? [] : [{ name, value }]
  })
}
