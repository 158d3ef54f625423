// Members of enumerations and flags. Follows Lib/enum.py at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import { readBodyPointer } from '../../objects/body.js'
import type { ClassInfo } from '../../objects/classes.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStr } from '../../objects/scalars/str.js'
import { INT_SUBCLASS, STR_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes } from '../names/plain-attributes.js'
import { type Child, closedText, type DescribeSome, type Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** By the function that shows them. */
export const enumKinds: Readonly<Record<string, DescribeSome>> = {
  'enum.Enum.__repr__': memberShape,
  'enum.Flag.__repr__': memberShape,
  'enum.global_enum_repr': (object, { reader }) => {
    const { name, named } = readMember(reader, object)
    return name === undefined ? undefined : { ...closedText(`${moduleOf(object.class)}.${name}`), hidden: () => named }
  },
  'enum.global_flag_repr': (object, { reader }) => {
    const { name, value, named } = readMember(reader, object)
    if (value === undefined) return undefined
    const module = moduleOf(object.class)
    const hidden = (): readonly Child[] => named
    if (name === undefined) return { open: [`${module}.${object.class.shortName}(`, value, ')'], closed: true, hidden }
    // Bits that have no name stand among the names, as a number.
    const names = isSingleBit(reader, value) ? [name] : name.split('|')
    return { ...closedText(names.map((one) => (/^\d/.test(one) ? one : `${module}.${one}`)).join('|')), hidden }
  },
}

/** The name and the value of a member as a path asks for them; nothing for what is no member. */
export function readMemberNames(reader: ValueReader, object: Instance): readonly Child[] {
  const { classes } = reader
  const isMember = classes.inherits(classes.metaclass(object.class), 'enum.EnumType')
  return isMember ? readMember(reader, object).named : []
}

/** Where the class has a way of its own to show values, the value is left out. */
function memberShape(...[object, { reader }]: Parameters<DescribeSome>): Shape | undefined {
  const { name, value, named } = readMember(reader, object)
  if (value === undefined) return undefined
  const label = name === undefined ? '' : `.${name}`
  const isPlain = isShownPlainly(reader, object.class, value)
  const open = [`<${object.class.shortName}${label}: `, isPlain ? value : '…', '>']
  return { open, hidden: () => named, closed: true, abridged: !isPlain }
}

interface Member {
  /** Undefined for flags of which no bit has one. */
  readonly name: string | undefined
  readonly value: Address | undefined
  readonly named: readonly Child[]
}

function readMember(reader: ValueReader, object: Instance): Member {
  const attributes = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
  const [name, value] = [attributes.get('_name_'), attributes.get('_value_')]
  const isNamed = typeof name === 'number' && (reader.classes.of(name).flags & STR_SUBCLASS) !== 0
  return {
    name: isNamed ? readStr(reader.runtime, name) : undefined,
    value: typeof value === 'number' ? value : undefined,
    named: [
      ...(name === undefined ? [] : [{ name: 'name', value: name }]),
      ...(value === undefined ? [] : [{ name: 'value', value }]),
    ],
  }
}

/** Of a slot wrapper such as `int.__repr__`: the function of C that it calls. */
const WRAPPED_FUNCTION = 32

/** Whether the class shows a value by the `repr()` that this has anyway. */
function isShownPlainly({ runtime, classes }: ValueReader, info: ClassInfo, value: Address): boolean {
  const own = classes.find(info, '_value_repr_')
  const kind = own === undefined ? 'NoneType' : classes.of(own).fullName
  if (own === undefined || kind === 'NoneType') return true
  return kind === 'wrapper_descriptor' && readBodyPointer(runtime, own, WRAPPED_FUNCTION) === classes.of(value).repr
}

function isSingleBit({ runtime, classes }: ValueReader, value: Address): boolean {
  if ((classes.of(value).flags & INT_SUBCLASS) === 0) return false
  const bits = readInt(runtime, value)
  return bits > 0n && (bits & (bits - 1n)) === 0n
}

/** The last part of the module's name. */
function moduleOf({ fullName, qualifiedName }: ClassInfo): string {
  const module = fullName.slice(0, -qualifiedName.length - 1)
  return module.slice(module.lastIndexOf('.') + 1)
}
