// Exceptions: their arguments as text, and below what they carry. Follows Include/cpython/pyerrors.h and
// Objects/exceptions.c at v3.14.0, and for what shows more than its arguments at v3.15.0.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import { readTuple } from '../../objects/containers/sequence.js'
import { readStr, readStrData } from '../../objects/scalars/str.js'
import { LIST_SUBCLASS } from '../../objects/type.js'
import { pointerAt } from '../../pointer.js'
import type { Instance } from '../instance.js'
import type { Child, Describe, DescribeOptions, Entry, Part, Shape } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

const ARGS = 8
const TRACEBACK = 24
const CONTEXT = 32
const CAUSE = 40
const SUPPRESS_CONTEXT = 48
/** Where the fields of those begin that have more: behind a byte and its padding. */
const MORE = 56

export const exceptionKinds: Readonly<Record<string, Describe>> = {
  BaseException: exceptionShape,
  ImportError: (object, options) => {
    const { reader } = options
    const shape = exceptionShape(object, options)
    // {message, name, path, …}
    const more = ['name', 'path'].flatMap((label, at): Entry[] => {
      const value = readBodyPointer(reader.runtime, object.address, MORE + 8 + at * 8)
      return value === 0 ? [] : [{ label, value }]
    })
    return { ...shape, entries: [...(shape.entries ?? []), ...more], total: (shape.total ?? 0) + more.length }
  },
  BaseExceptionGroup: (object, options) => {
    const [message, exceptions, kept] = [0, 8, 16].map((at) => {
      return readBodyPointer(options.reader.runtime, object.address, MORE + at)
    }) as [Address, Address, Address]
    const { entries: _, total: __, ...shape } = exceptionShape(object, options)
    const start = [...shape.open, message, ', ']
    if (kept !== 0) return { ...shape, ...keptText(start, kept, options) }
    if (!wasGivenList(options.reader, object)) return { ...shape, open: [...start, exceptions] }
    const { items, length: total } = readTuple(options.reader.runtime, exceptions, { limit: options.items })
    return { ...shape, open: [...start, '['], entries: items.map((value) => ({ value })), total, close: '])' }
  },
}

/** What was given may change, so that its text was kept. */
function keptText(start: readonly Part[], kept: Address, { reader, chars }: DescribeOptions): Partial<Shape> {
  const text = reader.maskUrls(readStr(reader.runtime, kept, chars))
  const isCut = readStrData(reader.runtime, kept, 0).length > chars
  return { open: [...start, isCut ? `${text}…` : text], abridged: isCut }
}

/** A group shows its exceptions as it was given them: in a list or in a tuple. */
function wasGivenList({ runtime, classes }: ValueReader, { address }: Instance): boolean {
  const args = readBodyPointer(runtime, address, ARGS)
  const [, given = 0] = args === 0 ? [] : readTuple(runtime, args, { limit: 2 }).items
  return given !== 0 && (classes.of(given).flags & LIST_SUBCLASS) !== 0
}

function exceptionShape(object: Instance, { reader, items: limit }: DescribeOptions): Shape {
  const { runtime } = reader
  const body = readBody(runtime, object.address, MORE)
  const args = pointerAt(body, ARGS)
  const { items, length: total } = args === 0 ? { items: [], length: 0 } : readTuple(runtime, args, { limit })
  const fields = [
    { name: 'args', value: args, inText: true },
    { name: '__cause__', value: pointerAt(body, CAUSE) },
    { name: '__context__', value: pointerAt(body, CONTEXT) },
    { name: '__traceback__', value: pointerAt(body, TRACEBACK) },
  ].filter(({ value }) => value !== 0)
  const isHidden = (name: string): boolean =>
    name === '__traceback__' ||
    (name === 'args' && total === 0) ||
    (name === '__context__' && (body[SUPPRESS_CONTEXT] !== 0 || pointerAt(body, CAUSE) !== 0))
  return {
    open: [`${object.class.shortName}(`],
    entries: items.map((value) => ({ value })),
    total,
    close: ')',
    steps: 'hidden',
    recursive: '...',
    showMembers: true,
    extra: (): Child[] => fields.filter(({ name }) => !isHidden(name)),
    hidden: (): Child[] => fields,
  }
}
