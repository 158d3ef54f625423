// Functions, methods, and what wraps them; code objects. Follows Include/cpython/{funcobject,methodobject}.h and
// Objects/{funcobject,methodobject,classobject,descrobject}.c at v3.14.0.

import { readBody, readBodyPointer } from '../../objects/body.js'
import { readCString } from '../../objects/scalars/c-string.js'
import { readStr } from '../../objects/scalars/str.js'
import { STR_SUBCLASS, TYPE_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import type { Instance } from '../instance.js'
import { type Child, closedText, type Describe, type Shape, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** Fields of a function behind its header that are no members. */
const FUNCTION_FIELDS = { __name__: 16, __qualname__: 24, __code__: 32, __defaults__: 40, __kwdefaults__: 48 } as const

export const callableKinds: Readonly<Record<string, Describe>> = {
  function: (object, { reader }) => {
    const body = readBody(reader.runtime, object.address, 64)
    const name = readStr(reader.runtime, pointerAt(body, FUNCTION_FIELDS.__qualname__))
    const hidden = (): Child[] =>
      Object.entries(FUNCTION_FIELDS)
        .map(([field, at]) => ({ name: field, value: pointerAt(body, at) }))
        .filter(({ value }) => value !== 0)
    return { open: [`<function ${name} at ${toHex(object.address)}>`], hidden }
  },
  method: (object, { reader }) => {
    const [func, self] = [0, 8].map((at) => readBodyPointer(reader.runtime, object.address, at)) as [number, number]
    return { open: [`<bound method ${qualifiedNameOf(reader, func)} of `, self, '>'], closed: true }
  },
  builtin_function_or_method: (object, { reader }) => {
    const { name, self, bound } = readBuiltin(reader, object.address)
    if (bound === undefined) return closedText(`<built-in function ${name}>`)
    return closedText(`<built-in method ${name} of ${bound.class.name} object at ${toHex(self)}>`)
  },
  staticmethod: ({ address }, { reader }) => wrapper('<staticmethod(', readBodyPointer(reader.runtime, address, 0)),
  classmethod: ({ address }, { reader }) => wrapper('<classmethod(', readBodyPointer(reader.runtime, address, 0)),
  code: (object, { reader }) => {
    const { memory, offsets } = reader.runtime
    const bytes = memory.read(object.address, offsets.code_object.size)
    const [name, file] = [offsets.code_object.name, offsets.code_object.filename].map((at) => {
      return readStr(reader.runtime, pointerAt(bytes, at))
    })
    const line = bytes.readInt32LE(offsets.code_object.firstlineno)
    return closedText(`<code object ${name} at ${toHex(object.address)}, file "${file}", line ${line}>`)
  },
}

function wrapper(open: string, value: number): Shape {
  return { open: [open, value, ')>'], closed: true }
}

/** A function in C: `bound` is what it is a method of, which a module is not. */
function readBuiltin(reader: ValueReader, address: number): { name: string; self: number; bound?: Instance } {
  const { memory } = reader.runtime
  const body = readBody(reader.runtime, address, 16)
  const name = readCString(memory, pointerAt(memory.read(pointerAt(body, 0), 8), 0))
  const self = pointerAt(body, 8)
  const owner = self === 0 ? undefined : reader.at(self)
  return owner === undefined || owner.class.fullName === 'module' ? { name, self } : { name, self, bound: owner }
}

function qualifiedNameOf(reader: ValueReader, func: number): string {
  const { runtime, classes } = reader
  const { fullName, flags } = classes.of(func)
  if (flags & TYPE_SUBCLASS) return classes.at(func).qualifiedName
  if (fullName === 'builtin_function_or_method') {
    const { name, self, bound } = readBuiltin(reader, func)
    if (bound === undefined) return name
    return `${(bound.class.flags & TYPE_SUBCLASS ? classes.at(self) : bound.class).qualifiedName}.${name}`
  }
  if (fullName !== 'function') return '?'
  const name = readBodyPointer(runtime, func, FUNCTION_FIELDS.__qualname__)
  return classes.of(name).flags & STR_SUBCLASS ? readStr(runtime, name) : '?'
}
