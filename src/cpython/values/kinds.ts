// Which kind of value an object is: by its class, or the nearest of its bases that is known, or marks that a class
// bears. What is none of the known kinds is shown by its class and address, with its attributes.

import type { Instance } from './instance.js'
import { callableKinds } from './kinds/callables.js'
import { datetimeKinds } from './kinds/datetimes.js'
import { descriptorKinds } from './kinds/descriptors.js'
import { exceptionKinds } from './kinds/exceptions.js'
import { fileKinds } from './kinds/files.js'
import { functionalKinds } from './kinds/functional.js'
import { generatorKinds } from './kinds/generators.js'
import { libraryKinds } from './kinds/library.js'
import { mappingKinds } from './kinds/mappings.js'
import { patternKinds } from './kinds/patterns.js'
import { describeRecord, recordKinds } from './kinds/records.js'
import { referenceKinds } from './kinds/references.js'
import { scalarKinds } from './kinds/scalars.js'
import { sequenceKinds } from './kinds/sequences.js'
import { typingKinds } from './kinds/typing.js'
import type { Describe, DescribeOptions, Shape } from './shape.js'
import { plainName, toHex } from './shape.js'

/** By the full name of the class. `object` itself is not among them: everything inherits from it. */
const kinds: ReadonlyMap<string, Describe> = new Map(
  [
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
  ].flatMap((group) => Object.entries(group)),
)

export const describe: Describe = (object, options) => {
  const known = kinds.get(object.class.fullName)
  // Most values are of a class that is known itself.
  if (known !== undefined) return known(object, options)
  return describeRecord(object, options) ?? describeByBase(object, options)
}

function describeByBase(object: Instance, options: DescribeOptions): Shape {
  const { classes } = options.reader
  for (const base of classes.order(object.class)) {
    const kind = base.fullName === 'object' ? undefined : kinds.get(base.fullName)
    if (kind !== undefined) return kind(object, options)
  }
  return { open: [`<${plainName(object.class)} object at ${toHex(object.address)}>`], showMembers: true }
}
