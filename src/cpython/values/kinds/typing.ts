// Types as annotations have them: generic aliases, unions, and type variables. Follows
// Objects/{genericaliasobject,unionobject,typevarobject}.c at v3.14.0, and _CallableGenericAlias of
// Lib/_collections_abc.py.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import { readList, readTuple } from '../../objects/sequence.js'
import { readStr } from '../../objects/str.js'
import { LIST_SUBCLASS, STR_SUBCLASS, TYPE_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import { readPlainAttributes } from '../plain-attributes.js'
import { closedText, type Describe, type Part, type Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** Arguments of one type beyond this are not looked at. */
const MAX_ARGUMENTS = 1000

export const typingKinds: Readonly<Record<string, Describe>> = {
  'types.GenericAlias': ({ address }, { reader }) => {
    const { origin, parameters, starred } = readAlias(reader, address)
    const inside = parameters.length === 0 ? ['()'] : joined(reader, parameters, ', ')
    return toShape([starred ? '*' : '', ...typeName(reader, origin), '[', ...inside, ']'])
  },
  'collections.abc._CallableGenericAlias': ({ address }, { reader }) => {
    const { parameters } = readAlias(reader, address)
    const inside = joined(reader, parameters.slice(0, -1), ', ')
    const result = parameters.at(-1)
    const { fullName } = reader.classes.of(parameters[0] ?? address)
    // Of a parameter specification, or `...`, there is no list.
    const bare =
      parameters.length === 2 && /^(ellipsis|typing\.ParamSpec|typing\._ConcatenateGenericAlias)$/.test(fullName)
    const list = bare ? inside : ['[', ...inside, ']']
    return toShape([
      'collections.abc.Callable[',
      ...list,
      ', ',
      ...(result === undefined ? [] : typeName(reader, result)),
      ']',
    ])
  },
  'typing.Union': ({ address }, { reader }) => {
    const { items } = readTuple(reader.runtime, readBodyPointer(reader.runtime, address, 0), { limit: MAX_ARGUMENTS })
    return toShape(joined(reader, items, ' | '))
  },
  'typing.TypeVar': typeVariable,
  'typing.ParamSpec': typeVariable,
  'typing.TypeVarTuple': typeVariable,
  'typing.TypeAliasType': ({ address }, { reader: { runtime, classes } }) => {
    const [name, qualifiedName] = [0, 8].map((at) => readBodyPointer(runtime, address, at)) as [number, number]
    const isQualified =
      runtime.facts.text.typeAliasIsQualified && (classes.of(qualifiedName).flags & STR_SUBCLASS) !== 0
    return closedText(readStr(runtime, isQualified ? qualifiedName : name))
  },
}

function toShape(open: readonly Part[]): Shape {
  return { open, closed: true }
}

/** Before 3.15 those for several types at once have no variance. */
function typeVariable(...[object, { reader }]: Parameters<Describe>): Shape {
  const members = readPlainAttributes(reader, object, { builtIn: true })
  const isTrue = (name: string): boolean => {
    const value = members.find((member) => member.name === name)?.value
    return typeof value === 'object' && value.value === true
  }
  const sign = isTrue('__covariant__') ? '+' : isTrue('__contravariant__') ? '-' : '~'
  const hasVariance = members.some(({ name }) => name === '__covariant__') && !isTrue('__infer_variance__')
  return closedText(
    (hasVariance ? sign : '') + readStr(reader.runtime, readBodyPointer(reader.runtime, object.address, 0)),
  )
}

interface Alias {
  readonly origin: Address
  readonly parameters: readonly Address[]
  readonly starred: boolean
}

function readAlias({ runtime }: ValueReader, address: Address): Alias {
  const body = readBody(runtime, address, 33)
  const { items } = readTuple(runtime, pointerAt(body, 8), { limit: MAX_ARGUMENTS })
  return { origin: pointerAt(body, 0), parameters: items, starred: body[32] === 1 }
}

/** A type as it stands within another one: classes by their names only. */
function typeName(reader: ValueReader, address: Address): Part[] {
  const { runtime, classes } = reader
  const { flags, fullName } = classes.of(address)
  if (fullName === 'ellipsis') return ['...']
  if (flags & LIST_SUBCLASS) {
    return ['[', ...joined(reader, readList(runtime, address, { limit: MAX_ARGUMENTS }).items, ', '), ']']
  }
  if ((flags & TYPE_SUBCLASS) === 0) return [address]
  const name = classes.at(address).fullName.replace(/^builtins\./, '')
  return [name === 'NoneType' ? 'None' : name]
}

function joined(reader: ValueReader, types: readonly Address[], separator: string): Part[] {
  return types.flatMap((type, index) => [...(index === 0 ? [] : [separator]), ...typeName(reader, type)])
}
