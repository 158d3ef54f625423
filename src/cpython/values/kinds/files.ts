// Open files as `open()` returns them: a text file around a buffer around a descriptor, each with the name it was opened
// by. Follows Modules/_io/{fileio,bufferedio,textio}.c at v3.14.0.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes } from '../names/plain-attributes.js'
import { type Describe, type Part, plainName, type Shape, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

const BUFFERS = /^_io\.Buffered(Reader|Writer|Random)$/
/** Behind the descriptor, bits say how the file was opened. */
const CREATED = 1
const READABLE = 2
const WRITABLE = 4
const APPENDING = 8

export const fileKinds: Readonly<Record<string, Describe>> = {
  '_io.FileIO': (object, { reader }) => {
    const body = readBody(reader.runtime, object.address, 8)
    const [descriptor, bits] = [body.readInt32LE(0), body.readUInt8(4)]
    if (descriptor < 0) return shape([`<${object.class.name} [closed]>`])
    const name = attributeOf(reader, object.address, 'name')
    const label: Part[] = name === undefined ? [`fd=${descriptor}`] : ['name=', name]
    const closes = bits & reader.runtime.facts.text.closesDescriptorBit ? 'True' : 'False'
    return shape([`<${object.class.name} `, ...label, ` mode='${modeOf(bits)}' closefd=${closes}>`])
  },
  '_io.BufferedReader': buffered,
  '_io.BufferedWriter': buffered,
  '_io.BufferedRandom': buffered,
  '_io.TextIOWrapper': (object, { reader }) => {
    const [buffer, encoding] = [16, 24].map((at) => readBodyPointer(reader.runtime, object.address, at)) as [
      number,
      number,
    ]
    if (buffer === 0 || encoding === 0) return unnamed(object)
    const name = nameOf(reader, buffer)
    const mode = attributeOf(reader, object.address, 'mode')
    return shape([
      `<${object.class.name}`,
      ...(name === undefined ? [] : [' name=', name]),
      ...(mode === undefined ? [] : [' mode=', mode]),
      ' encoding=',
      encoding,
      '>',
    ])
  },
}

function shape(open: readonly Part[]): Shape {
  return { open, extra: () => [] }
}

function unnamed({ address, class: info }: Instance): Shape {
  return shape([`<${plainName(info)} object at ${toHex(address)}>`])
}

function buffered(...[object, { reader }]: Parameters<Describe>): Shape {
  const name = nameOf(reader, object.address)
  return name === undefined ? shape([`<${object.class.name}>`]) : shape([`<${object.class.name} name=`, name, '>'])
}

/** A buffer is called what its raw file is called. */
function nameOf(reader: ValueReader, buffer: Address): Address | undefined {
  const { classes } = reader
  const isBuffered = classes.order(classes.of(buffer)).some(({ fullName }) => BUFFERS.test(fullName))
  const raw = isBuffered ? readBodyPointer(reader.runtime, buffer, 0) : buffer
  return raw === 0 ? undefined : attributeOf(reader, raw, 'name')
}

function attributeOf(reader: ValueReader, address: Address, name: string): Address | undefined {
  const value = readPlainAttributes(reader, reader.at(address)).find((one) => one.name === name)?.value
  return typeof value === 'number' ? value : undefined
}

function modeOf(bits: number): string {
  if (bits & CREATED) return bits & READABLE ? 'xb+' : 'xb'
  if (bits & APPENDING) return bits & READABLE ? 'ab+' : 'ab'
  if (bits & READABLE) return bits & WRITABLE ? 'rb+' : 'rb'
  return 'wb'
}
