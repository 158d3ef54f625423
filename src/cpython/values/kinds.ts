// Which kind of value an object is. What counts is whose `repr()` its class has: that of a kind that is known, or code
// of the standard library that is. All else is shown by its class and address, with its attributes.

import type { Address } from '../../memory/remote-memory.js'
import type { ClassInfo } from '../objects/classes.js'
import { TYPE_SUBCLASS } from '../objects/type.js'
import type { Instance } from './instance.js'
import { callableKinds } from './kinds/callables.js'
import { datetimeKinds } from './kinds/datetimes.js'
import { descriptorKinds } from './kinds/descriptors.js'
import { enumKinds, readMemberNames } from './kinds/enums.js'
import { exceptionKinds } from './kinds/exceptions.js'
import { fileKinds } from './kinds/files.js'
import { functionalKinds } from './kinds/functional.js'
import { generatorKinds } from './kinds/generators.js'
import { libraryKinds, pythonLibraryKinds } from './kinds/library.js'
import { mappingKinds, pythonMappingKinds } from './kinds/mappings.js'
import { numpyKinds } from './kinds/numpy.js'
import { pandasKinds, pythonPandasKinds } from './kinds/pandas.js'
import { patternKinds } from './kinds/patterns.js'
import { findGenerated, findStructSequence, readTupleFields, recordKinds } from './kinds/records.js'
import { foreignClassShape, metaclassKinds, referenceKinds } from './kinds/references.js'
import { scalarKinds } from './kinds/scalars.js'
import { sequenceKinds } from './kinds/sequences.js'
import { typingKinds } from './kinds/typing.js'
import { pythonTypingKinds } from './kinds/typing-aliases.js'
import { findReprSource, isPythonClass } from './repr-source.js'
import type { Describe, DescribeOptions, DescribeSome, Shape } from './shape.js'
import { plainName, toHex } from './shape.js'
import type { ValueReader } from './value-reader.js'

/** By the full name of the class in C whose `repr()` it is. */
const kinds = toTable([
  scalarKinds,
  sequenceKinds,
  mappingKinds,
  recordKinds,
  exceptionKinds,
  datetimeKinds,
  callableKinds,
  generatorKinds,
  referenceKinds,
  libraryKinds,
  descriptorKinds,
  typingKinds,
  patternKinds,
  functionalKinds,
  fileKinds,
  numpyKinds,
  pandasKinds,
])

/** By the module and the name of the function in Python that makes the text. */
const pythonKinds = toTable([
  enumKinds,
  pythonLibraryKinds,
  pythonMappingKinds,
  metaclassKinds,
  pythonTypingKinds,
  pythonPandasKinds,
])

/** What a class was found to be, for as long as one reading knows its classes. */
const found = new WeakMap<ValueReader, Map<Address, DescribeSome>>()

export const describe: Describe = (object, options) => {
  const { reader } = options
  const ofReader = found.get(reader) ?? new Map<Address, DescribeSome>()
  found.set(reader, ofReader)
  const kind = ofReader.get(object.class.address) ?? findKind(reader, object.class)
  ofReader.set(object.class.address, kind)
  return kind(object, options) ?? ownShape(object, options)
}

function toTable(groups: readonly Readonly<Record<string, DescribeSome>>[]): ReadonlyMap<string, DescribeSome> {
  return new Map(groups.flatMap((group) => Object.entries(group)))
}

function findKind(reader: ValueReader, info: ClassInfo): DescribeSome {
  const source = findReprSource(reader, info)
  if (source.kind === 'python') return pythonKinds.get(source.name) ?? findGenerated(reader, source) ?? ownShape
  if (source.kind === 'other') return ownShape
  return findInherited(reader, info) ?? findStructSequence(reader, info) ?? ownShape
}

/** The kind whose function it is: the farthest of the bases that have it, as each has it from the next. */
function findInherited({ classes }: ValueReader, info: ClassInfo): DescribeSome | undefined {
  if (info.fullName === 'object') return kinds.get('object')
  const base = classes.order(info).findLast((one) => {
    return one.repr === info.repr && one.fullName !== 'object' && !isPythonClass(one) && kinds.has(one.fullName)
  })
  return base && kinds.get(base.fullName)
}

/** What has a way of its own to show itself: its class and its address, and below that what it has. */
function ownShape(object: Instance, options: DescribeOptions): Shape {
  const { reader } = options
  if (object.class.flags & TYPE_SUBCLASS) return foreignClassShape(reader, object.address)
  const { extra = () => [], hidden = () => [], namespace } = describeInside(object, options)
  return {
    open: [`<${plainName(object.class)} object at ${toHex(object.address)}>`],
    showMembers: true,
    extra: () => [...readTupleFields(reader, object), ...extra()],
    hidden: () => [...readMemberNames(reader, object), ...hidden()],
    ...(namespace === undefined ? {} : { namespace, aside: true }),
  }
}

/** Of exceptions and modules, what is inside is the same whatever they show. */
function describeInside(object: Instance, options: DescribeOptions): Partial<Shape> {
  const { classes } = options.reader
  const base = ['BaseException', 'module'].find((name) => classes.inherits(object.class, name))
  return (base && kinds.get(base)?.(object, options)) || {}
}
