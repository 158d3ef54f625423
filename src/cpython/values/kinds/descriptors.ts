// What classes in C keep in their namespaces: attributes, methods and slots that code in C implements, and capsules.
// Follows Include/cpython/descrobject.h and Objects/{descrobject,capsule}.c at v3.14.0.

import { readBody, readBodyPointer } from '../../objects/body.js'
import { readCString } from '../../objects/scalars/c-string.js'
import { readStr } from '../../objects/scalars/str.js'
import { pointerAt } from '../../pointer.js'
import { closedText, type Describe, toHex } from '../shape.js'

export const descriptorKinds: Readonly<Record<string, Describe>> = {
  method_descriptor: describeAs('method'),
  classmethod_descriptor: describeAs('method'),
  wrapper_descriptor: describeAs('slot wrapper'),
  member_descriptor: describeAs('member'),
  getset_descriptor: describeAs('attribute'),
  'method-wrapper': ({ address }, { reader }) => {
    const { runtime, classes } = reader
    const [wrapped, self] = [0, 8].map((at) => readBodyPointer(runtime, address, at)) as [number, number]
    const name = readStr(runtime, readBodyPointer(runtime, wrapped, NAME))
    return closedText(`<method-wrapper '${name}' of ${classes.of(self).name} object at ${toHex(self)}>`)
  },
  PyCapsule: ({ address }, { reader: { runtime } }) => {
    const name = pointerAt(readBody(runtime, address, 16), 8)
    return closedText(
      `<capsule object ${name === 0 ? 'NULL' : `"${readCString(runtime.memory, name)}"`} at ${toHex(address)}>`,
    )
  },
}

const OWNER = 0
const NAME = 8

/** `<method 'join' of 'str' objects>` */
function describeAs(kind: string): Describe {
  return ({ address }, { reader: { runtime, classes } }) => {
    const [owner, name] = [OWNER, NAME].map((at) => readBodyPointer(runtime, address, at)) as [number, number]
    const { name: ownerName } = classes.at(owner)
    const isNamed = ownerName !== 'object' || runtime.facts.text.objectMethodsNameOwner
    const whose = !isNamed ? '' : ` of '${ownerName}' objects`
    return closedText(`<${kind} '${readStr(runtime, name)}'${whose}>`)
  }
}
