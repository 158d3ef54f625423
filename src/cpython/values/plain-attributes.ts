// The attributes that an instance itself has, by name: its dict or inline values, then the slots of its classes. No
// descriptor runs. Members of built-in classes are fields of C: they are asked for, and not always shown.

import { readAttributes } from '../objects/attributes.js'
import type { ClassInfo } from '../objects/classes.js'
import { readMember } from '../objects/members.js'
import { HEAP_TYPE } from '../objects/type.js'
import type { Instance } from './instance.js'
import type { Child } from './shape.js'
import type { ValueReader } from './value-reader.js'

/** More of one instance are not looked at. */
const MAX_ATTRIBUTES = 16_384

export interface AttributeOptions {
  /** Also the members of classes written in C. */
  readonly builtIn?: boolean
}

export function readPlainAttributes(reader: ValueReader, object: Instance, options: AttributeOptions = {}): Child[] {
  return [...readOwn(reader, object), ...readMembers(reader, object, options)]
}

function readOwn({ runtime, classes }: ValueReader, { address, class: type }: Instance): Child[] {
  return readAttributes(runtime, address, { limit: MAX_ATTRIBUTES, type }).flatMap(({ key, value }) => {
    const name = classes.nameAt(key)
    return name === undefined ? [] : [{ name, value }]
  })
}

function readMembers(reader: ValueReader, object: Instance, { builtIn = false }: AttributeOptions): Child[] {
  const { classes, runtime } = reader
  const bases = classes.order(object.class).filter((base) => builtIn || isPython(base))
  return bases.flatMap((base) => {
    return classes.members(base).flatMap((member): Child[] => {
      const value = readMember(runtime, object.address, member)
      if (value === undefined) return []
      return [{ name: member.name, value: 'address' in value ? value.address : value }]
    })
  })
}

/** Classes of C have a dotted name, or are no heap types. */
function isPython({ flags, name }: ClassInfo): boolean {
  return (flags & HEAP_TYPE) !== 0 && !name.includes('.')
}
