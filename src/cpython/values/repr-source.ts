// Where the `repr()` of a class's instances comes from. A value is shown as a known text only where the function that
// makes that text is the one behind the class's own `repr()`: a class may inherit from `dict` and hide what it holds.
// Code in C is known by its address, code in Python by the module and the name under which it was written.

import type { ClassInfo } from '../objects/classes.js'
import { type PythonFunction, readFunction } from '../objects/function.js'
import { HEAP_TYPE } from '../objects/type.js'
import type { ValueReader } from './value-reader.js'

export type ReprSource =
  /** Code in C: the address is `repr` of the class. */
  | { readonly kind: 'c' }
  | { readonly kind: 'python'; readonly name: string; readonly code: PythonFunction }
  /** Something else that can be called. */
  | { readonly kind: 'other' }

/** What these change, all that is read of an instance may be other than what its own code would be told. */
const CHANGES_ALL = ['__getattribute__', '__class__']

export function findReprSource(reader: ValueReader, info: ClassInfo): ReprSource {
  const { classes, runtime } = reader
  for (const base of classes.order(info)) {
    const value = classes.namespace(base).get('__repr__')
    if (value === undefined) {
      // Built-in classes do not say what they define.
      if (!isPythonClass(base) && base.dict === 0 && base.repr === info.repr) return { kind: 'c' }
      continue
    }
    const { fullName } = classes.of(value)
    if (fullName === 'wrapper_descriptor') return { kind: 'c' }
    if (fullName !== 'function' || hidesAttributes(reader, info)) return { kind: 'other' }
    const code = readFunction(runtime, value)
    return { kind: 'python', name: `${code.module}.${code.qualifiedName}`, code }
  }
  return { kind: 'c' }
}

/** Whether a class that stands before the one called `baseName`, where attributes are looked up, has one of these. */
export function overrides(
  { classes }: ValueReader,
  info: ClassInfo,
  baseName: string,
  names: readonly string[],
): boolean {
  for (const one of classes.order(info)) {
    if (one.fullName === baseName) return false
    if (names.some((name) => classes.namespace(one).has(name))) return true
  }
  return true
}

/** Classes of C have a dotted name, or are no heap types. */
export function isPythonClass({ flags, name }: ClassInfo): boolean {
  return (flags & HEAP_TYPE) !== 0 && !name.includes('.')
}

function hidesAttributes({ classes }: ValueReader, info: ClassInfo): boolean {
  return classes.order(info).some((base) => {
    return isPythonClass(base) && CHANGES_ALL.some((name) => classes.namespace(base).has(name))
  })
}
