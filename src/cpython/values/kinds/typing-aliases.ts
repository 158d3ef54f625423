// What `typing` and `collections.abc` make in Python: generic aliases, special forms, new types, references to types that
// are not there yet. Each by the function that shows it. Follows Lib/{typing,annotationlib,_collections_abc}.py at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStr } from '../../objects/scalars/str.js'
import { STR_SUBCLASS, TUPLE_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes, readStored } from '../names/plain-attributes.js'
import { closedText, type DescribeSome, type Part } from '../shape.js'
import type { ValueReader } from '../value-reader.js'
import { closedParts, joined, nameOfType, readAlias, typeName } from './typing.js'

/** Arguments of one type beyond this are not looked at. */
const MAX_ARGUMENTS = 1000

export const pythonTypingKinds: Readonly<Record<string, DescribeSome>> = {
  'collections.abc._CallableGenericAlias.__repr__': ({ address }, { reader }) => {
    const { parameters } = readAlias(reader, address)
    const inside = joined(reader, parameters.slice(0, -1), ', ')
    const result = parameters.at(-1)
    const list = hasBareParameters(reader, parameters) ? inside : ['[', ...inside, ']']
    const last = result === undefined ? [] : typeName(reader, result)
    return closedParts(['collections.abc.Callable[', ...list, ', ', ...last, ']'])
  },
  'typing._GenericAlias.__repr__': aliasShape,
  'typing._CallableGenericAlias.__repr__': (object, options) => {
    const { reader } = options
    const types = argumentsOf(reader, object)
    if (types === undefined) return undefined
    if (hasBareParameters(reader, types)) return aliasShape(object, options)
    const [inside, result] = [listed(reader, types.slice(0, -1)), listed(reader, types.slice(-1))]
    return closedParts(['typing.Callable[[', ...inside, '], ', ...result, ']'])
  },
  'typing._UnpackGenericAlias.__repr__': (object, { reader }) => {
    const types = argumentsOf(reader, object)
    return types && closedParts(['typing.Unpack[', ...listed(reader, types.slice(0, 1)), ']'])
  },
  'typing._AnnotatedAlias.__repr__': (object, { reader }) => {
    const origin = readStored(reader, object, '__origin__')
    const notes = tupleOf(reader, readStored(reader, object, '__metadata__'))
    if (typeof origin !== 'number' || notes === undefined) return undefined
    const parts = notes.flatMap((note): Part[] => [', ', note])
    return closedParts(['typing.Annotated[', ...inTyping(reader, origin), ...parts, ']'])
  },
  'typing._SpecialGenericAlias.__repr__': specialForm,
  'typing._SpecialForm.__repr__': specialForm,
  'typing.NewType.__repr__': (object, { reader }) => {
    const own = readPlainAttributes(reader, object)
    const [module, name] = ['__module__', '__qualname__'].map((field) => {
      return textOf(reader, own.find((one) => one.name === field)?.value)
    })
    return module === undefined || name === undefined ? undefined : closedText(`${module}.${name}`)
  },
  'annotationlib.ForwardRef.__repr__': (object, { reader }) => {
    const fields = new Map(readPlainAttributes(reader, object).map(({ name, value }) => [name, value]))
    const isSet = (name: string): boolean => {
      const value = fields.get(name)
      return typeof value === 'number' && !/^NoneType$/.test(reader.classes.of(value).fullName)
    }
    const text = fields.get('__arg__')
    // Names that stand for values are put in by code.
    if (typeof text !== 'number' || !isSet('__arg__') || isSet('__extra_names__')) return undefined
    const [module, owner] = [fields.get('__forward_module__'), fields.get('__owner__')] as [Address, Address]
    return closedParts([
      'ForwardRef(',
      text,
      ...(isSet('__forward_module__') ? [', module=', module] : []),
      ...(isTrue(reader, fields.get('__forward_is_class__')) ? [', is_class=True'] : []),
      ...(isSet('__owner__') ? [', owner=', owner] : []),
      ')',
    ])
  },
}

/** `typing.List[int]`, or `app.Box[int]` of a class of the program. */
function aliasShape(...[object, { reader }]: Parameters<DescribeSome>): ReturnType<DescribeSome> {
  const [name, origin] = ['_name', '__origin__'].map((field) => readStored(reader, object, field))
  const types = argumentsOf(reader, object)
  if (types === undefined || typeof origin !== 'number') return undefined
  const label = textOf(reader, name)
  const start: Part[] = label ? [`typing.${label}`] : inTyping(reader, origin)
  return closedParts([...start, '[', ...(types.length === 0 ? ['()'] : listed(reader, types)), ']'])
}

function specialForm(...[object, { reader }]: Parameters<DescribeSome>): ReturnType<DescribeSome> {
  const name = textOf(reader, readStored(reader, object, '_name'))
  return name === undefined ? undefined : closedText(`typing.${name}`)
}

/** Of a parameter specification, or `...`, there is no list. */
function hasBareParameters({ classes }: ValueReader, types: readonly Address[]): boolean {
  const [first = 0] = types
  return (
    types.length === 2 && /^(ellipsis|typing\.(ParamSpec|_ConcatenateGenericAlias))$/.test(classes.of(first).fullName)
  )
}

function argumentsOf(reader: ValueReader, object: Instance): readonly Address[] | undefined {
  return tupleOf(reader, readStored(reader, object, '__args__'))
}

function tupleOf({ runtime, classes }: ValueReader, value: unknown): readonly Address[] | undefined {
  if (typeof value !== 'number' || (classes.of(value).flags & TUPLE_SUBCLASS) === 0) return undefined
  return readTuple(runtime, value, { limit: MAX_ARGUMENTS }).items
}

function textOf({ runtime, classes }: ValueReader, value: unknown): string | undefined {
  return typeof value === 'number' && classes.of(value).flags & STR_SUBCLASS ? readStr(runtime, value) : undefined
}

function isTrue({ classes, runtime }: ValueReader, value: unknown): boolean {
  return typeof value === 'number' && classes.of(value).fullName === 'bool' && readInt(runtime, value) !== 0n
}

function listed(reader: ValueReader, types: readonly Address[]): Part[] {
  return types.flatMap((type, index) => [...(index === 0 ? [] : [', ']), ...inTyping(reader, type)])
}

/** A type within one of `typing`, which shows some others than those in C do. */
function inTyping(reader: ValueReader, address: Address): Part[] {
  const { fullName } = reader.classes.of(address)
  if (fullName === 'ellipsis') return ['...']
  const list = tupleOf(reader, address)
  if (list !== undefined) return ['[', ...listed(reader, list), ']']
  return [fullName === 'typing.TypeAliasType' ? address : (nameOfType(reader, address) ?? address)]
}
