// Types as annotations have them: generic aliases, unions, and type variables. Follows
// Objects/{genericaliasobject,unionobject,typevarobject}.c at v3.14.0. Those written in Python: `typing-aliases.ts`.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import { readList, readTuple } from '../../objects/containers/sequence.js'
import { readCString } from '../../objects/scalars/c-string.js'
import { readStr } from '../../objects/scalars/str.js'
import { LIST_SUBCLASS, STR_SUBCLASS, TYPE_SUBCLASS } from '../../objects/type.js'
import { pointerAt, readPointer } from '../../pointer.js'
import { readPlainAttributes } from '../names/plain-attributes.js'
import { closedText, type Describe, type Part, type Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** Arguments of one type beyond this are not looked at. */
const MAX_ARGUMENTS = 1000

export const typingKinds: Readonly<Record<string, Describe>> = {
  'types.GenericAlias': ({ address }, { reader }) => {
    const { origin, parameters, starred } = readAlias(reader, address)
    const inside = parameters.length === 0 ? ['()'] : joined(reader, parameters, ', ')
    return closedParts([starred ? '*' : '', ...typeName(reader, origin), '[', ...inside, ']'])
  },
  'typing.Union': ({ address }, { reader }) => {
    const { items } = readTuple(reader.runtime, readBodyPointer(reader.runtime, address, 0), { limit: MAX_ARGUMENTS })
    return closedParts(joined(reader, items, ' | '))
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

export function closedParts(open: readonly Part[]): Shape {
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

export function readAlias({ runtime }: ValueReader, address: Address): Alias {
  const body = readBody(runtime, address, 33)
  const { items } = readTuple(runtime, pointerAt(body, 8), { limit: MAX_ARGUMENTS })
  return { origin: pointerAt(body, 0), parameters: items, starred: body[32] === 1 }
}

/** A type as it stands within another one: classes and functions by their names only. */
export function typeName(reader: ValueReader, address: Address): Part[] {
  const { runtime, classes } = reader
  const { flags, fullName } = classes.of(address)
  if (fullName === 'ellipsis') return ['...']
  if (flags & LIST_SUBCLASS) {
    return ['[', ...joined(reader, readList(runtime, address, { limit: MAX_ARGUMENTS }).items, ', '), ']']
  }
  const name = nameOfType(reader, address)
  return [name === 'NoneType' ? 'None' : (name ?? address)]
}

/** `module.Class`, or the same of a function; undefined for what is neither. */
export function nameOfType(reader: ValueReader, address: Address): string | undefined {
  const { classes } = reader
  const { flags, fullName } = classes.of(address)
  if (flags & TYPE_SUBCLASS) return classes.at(address).fullName.replace(/^builtins\./, '')
  if (fullName === 'function') return readNamed(reader, address, { name: 24, module: 88 })
  if (fullName === 'typing.TypeAliasType' && reader.runtime.facts.text.typeAliasIsQualified)
    return aliasName(reader, address)
  // Functions in C that are no methods.
  const isFree =
    fullName === 'builtin_function_or_method' && isModule(reader, readBodyPointer(reader.runtime, address, 8))
  return isFree ? readBuiltinName(reader, address) : undefined
}

function isModule({ classes }: ValueReader, owner: Address): boolean {
  return owner === 0 || classes.of(owner).fullName === 'module'
}

function readBuiltinName({ runtime }: ValueReader, address: Address): string | undefined {
  const [definition, module] = [0, 16].map((at) => readBodyPointer(runtime, address, at)) as [Address, Address]
  if (module === 0) return undefined
  const name = readCString(runtime.memory, readPointer(runtime.memory, definition))
  return `${readStr(runtime, module)}.${name}`.replace(/^builtins\./, '')
}

/** An alias that is made with its value says its module itself, else the function that makes the value does. */
function aliasName(reader: ValueReader, address: Address): string | undefined {
  const { runtime, classes } = reader
  const [compute, module] = [24, 40].map((at) => readBodyPointer(runtime, address, at)) as [Address, Address]
  if (module !== 0) return readNamed(reader, address, { name: 8, module: 40 })
  if (compute === 0 || classes.of(compute).fullName !== 'function') return undefined
  const name = readBodyPointer(runtime, address, 8)
  return withModule(reader, name, readBodyPointer(runtime, compute, 88))
}

function readNamed(reader: ValueReader, address: Address, at: { name: number; module: number }): string | undefined {
  const [name, module] = [at.name, at.module].map((one) => readBodyPointer(reader.runtime, address, one))
  return withModule(reader, name as Address, module as Address)
}

function withModule({ runtime, classes }: ValueReader, name: Address, module: Address): string | undefined {
  const areStrings = [name, module].every((one) => one !== 0 && (classes.of(one).flags & STR_SUBCLASS) !== 0)
  return areStrings ? `${readStr(runtime, module)}.${readStr(runtime, name)}`.replace(/^builtins\./, '') : undefined
}

export function joined(reader: ValueReader, types: readonly Address[], separator: string): Part[] {
  return types.flatMap((type, index) => [...(index === 0 ? [] : [separator]), ...typeName(reader, type)])
}
