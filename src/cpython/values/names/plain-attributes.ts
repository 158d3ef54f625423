// The attributes that an instance itself has, by name: its dict or inline values, then the slots of its classes. No
// descriptor runs. Members of built-in classes are fields of C: they are asked for, and not always shown.

import { readAttributes } from '../../objects/attributes.js'
import type { ClassInfo } from '../../objects/classes.js'
import { readMember } from '../../objects/members.js'
import type { Instance } from '../instance.js'
import { isPythonClass } from '../repr-source.js'
import type { Child } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

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
  const order = classes.order(object.class)
  return order.flatMap((base, at) => {
    if (!builtIn && !isPythonClass(base)) return []
    return classes.members(base).flatMap((member): Child[] => {
      // A class may have put something else in its place, such as a property.
      if (order.slice(0, at).some((one) => classes.namespace(one).has(member.name))) return []
      const value = readMember(runtime, object.address, member)
      if (value === undefined) return []
      return [{ name: member.name, value: 'address' in value ? value.address : value }]
    })
  })
}

/**
 * What `object.name` gives without running code of the program; undefined where there is no such attribute, and where
 * only code could tell.
 */
export function readStored(reader: ValueReader, object: Instance, name: string): Child['value'] | undefined {
  const own = readPlainAttributes(reader, object).find((one) => one.name === name)
  return chooseStored(reader, object.class, { name, own: own?.value })
}

interface Named {
  readonly name: string
  /** What the instance itself has under that name. */
  readonly own: Child['value'] | undefined
}

/** The same for an instance whose own attributes have been read. */
export function chooseStored(reader: ValueReader, info: ClassInfo, { name, own }: Named): Child['value'] | undefined {
  const { classes } = reader
  const ofClass = classes.find(info, name)
  const descriptor = ofClass === undefined ? undefined : classes.of(ofClass)
  if (descriptor?.isDataDescriptor && descriptor.fullName !== 'member_descriptor') return undefined
  return own ?? (descriptor?.isDescriptor ? undefined : ofClass)
}
