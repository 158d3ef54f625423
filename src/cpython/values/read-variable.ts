// The entry of this folder: from an address to a `Variable`, with all that is inside it as deep as the limits allow.
// What changes while it is read is read again; what cannot be read in the end says so in its place.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import type { Scalar } from '../objects/members.js'
import type { Instance } from './instance.js'
import { describe } from './kinds.js'
import { MASKED } from './mask.js'
import { nameEntry } from './names/name-entry.js'
import { readPlainAttributes } from './names/plain-attributes.js'
import type { Child, Shape } from './shape.js'
import { formatFloat } from './text/format-float.js'
import { quoteText } from './text/quote.js'
import { CHANGED, ReprWriter } from './text/repr-writer.js'
import type { ValueReader } from './value-reader.js'
import type { Variable } from './variable.js'

/** Readings of one value, or of one level of the tree, that change meanwhile. */
const ATTEMPTS = 6
/** Readings in a row that must agree; more of what changes, as it comes to look the same again. */
const AGREEING = 2
const AGREEING_IN_MOTION = 3
/** For the same reason, of a list that a thread may be making longer. */
const LOOKS_TO_SETTLE = 3

/** The value of `child`, which is masked when its own name says so. */
export function readVariable(reader: ValueReader, child: Child, depth = reader.limits.depth): Variable {
  const { name, value, isThere = () => true } = child
  const masked = reader.isMasked(child.plainName ?? name)
  if (typeof value !== 'number') return scalarVariable(name, value, { masked, reader })
  try {
    if (!masked) return complete(reader, value, { name, depth, isThere })
    return { name, type: reader.at(value).class.fullName, text: MASKED, address: value }
  } catch (error) {
    if (!isTorn(error)) throw error
    return { name, type: '?', text: CHANGED, address: value, truncated: true }
  }
}

function complete(
  reader: ValueReader,
  address: Address,
  { name, depth, isThere }: { name: string; depth: number; isThere: () => boolean },
): Variable {
  const { text, type, truncated } = readText(reader, address, isThere)
  reader.leftChars -= name.length + text.length
  const inside = depth > 0 && !reader.exhausted ? readInside(reader, address, depth) : undefined
  return {
    name,
    type,
    text,
    address,
    ...(truncated || inside?.cut ? { truncated: true } : {}),
    ...(inside === undefined || inside.children.length === 0 ? {} : { children: inside.children }),
  }
}

interface Text {
  readonly text: string
  readonly type: string
  readonly truncated: boolean
}

/**
 * The text that readings in a row agree on: in between, memory was freed for others neither here nor below. They also
 * agree while a thread stands still in the midst of a change, and on an object that has taken the place of another.
 */
function readText(reader: ValueReader, address: Address, isThere: () => boolean): Text {
  const { left } = reader
  let last: ReprWriter | undefined
  let agreeing = 0
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // A second reading is of the same objects.
    reader.left = left
    const writer = new ReprWriter(reader)
    writer.write(address)
    const differs = last !== undefined && last.text !== writer.text
    agreeing = differs ? 1 : agreeing + 1
    last = writer
    const areEnough = agreeing >= (reader.sawChange ? AGREEING_IN_MOTION : AGREEING)
    if (areEnough && areSettled(reader, writer.unsettled)) {
      return toText((writer.failed && explainFailure(reader, address, isThere)) || writer)
    }
    const isLost = !isThere()
    reader.sawChange ||= differs || areEnough || isLost
    if (isLost) break
  }
  return { text: `${last?.text} ${CHANGED}`, type: last?.type ?? '?', truncated: true }
}

function toText({ text, type = '?', truncated }: ReprWriter): Text {
  return { text, type, truncated }
}

/**
 * The text with the reason for what cannot be read in it. That is broken where it is still as it was once all who may have
 * been changing it have gone on. Undefined when it is not.
 */
function explainFailure(reader: ValueReader, address: Address, isThere: () => boolean): ReprWriter | undefined {
  const { barrier, left } = reader
  // Without a GIL, nobody can be waited for.
  const word = barrier === undefined || reader.runtime.freeThreaded ? 'unreadable' : 'broken'
  let last: ReprWriter | undefined
  for (let look = 0; look < LOOKS_TO_SETTLE; look++) {
    if (barrier?.isNeeded() && !barrier.wait()) return undefined
    reader.left = left
    const writer = new ReprWriter(reader, reader.limits.chars, word)
    writer.write(address)
    if (!isThere() || (last !== undefined && last.text !== writer.text)) return undefined
    last = writer
    if (barrier === undefined) break
  }
  return last
}

/** Whether the entries of these objects are what they were, now that who may have been storing them has gone on. */
function areSettled(reader: ValueReader, shapes: ReadonlyMap<Address, Shape>): boolean {
  const { barrier } = reader
  if (shapes.size === 0 || !barrier?.isNeeded()) return true
  const isSame = ([address, shape]: [Address, Shape]): boolean => sameEntries(shape, readEntriesOf(reader, address))
  try {
    for (let look = 0; look < LOOKS_TO_SETTLE; look++) {
      // Where nothing was seen to change, whoever takes that long does so in the midst of something else.
      if (!barrier.wait() && reader.sawChange) return false
      if (![...shapes].every(isSame)) return false
    }
    return true
  } catch (error) {
    if (!isTorn(error)) throw error
    return false
  }
}

interface Inside {
  readonly children: Variable[]
  /** There are more, or they changed while they were read. */
  readonly cut: boolean
}

function readInside(reader: ValueReader, address: Address, depth: number): Inside {
  // Within itself, it has been shown.
  if (reader.opened.has(address)) return { children: [], cut: false }
  reader.opened.add(address)
  try {
    return open(reader, address, depth)
  } finally {
    reader.opened.delete(address)
  }
}

function open(reader: ValueReader, address: Address, depth: number): Inside {
  const { items } = reader.limits
  let children: Variable[] = []
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const { shape, named } = reader.look(address, (object) => readLevel(reader, object))
      if (shape.closed || (shape.aside && depth < reader.limits.depth)) return { children: [], cut: false }
      const entries = readEntries(reader, shape)
      const all = [...entries, ...named]
      children = all.slice(0, items).map((child, index) => {
        const variable = readVariable(reader, child, depth - 1)
        return index < entries.length || child.inText ? variable : { ...variable, apart: true }
      })
      const cut = all.length > items || (shape.total ?? 0) > items
      if (shape.unsettled) reader.barrier?.wait()
      if (sameEntries(shape, readEntriesOf(reader, address))) return { children, cut }
    } catch (error) {
      if (!isTorn(error)) throw error
    }
  }
  return { children, cut: true }
}

/** The shape of an object for the sake of its entries. */
function readEntriesOf(reader: ValueReader, address: Address): Shape {
  const { items } = reader.limits
  return reader.look(address, (object) => describe(object, { reader, items, chars: 1 }))
}

/** What lies directly in an object. */
function readLevel(reader: ValueReader, object: Instance): { readonly shape: Shape; readonly named: readonly Child[] } {
  const shape = describe(object, { reader, items: reader.limits.items, chars: 1 })
  return { shape, named: shape.closed ? [] : readNamed(reader, object, shape) }
}

function sameEntries(a: Shape, b: Shape): boolean {
  const others = b.entries ?? []
  return (a.entries ?? []).every(({ key, value }, index) => {
    const other = others[index]
    return other !== undefined && other.value === value && other.key === key
  })
}

function readEntries(reader: ValueReader, { entries = [], steps = 'none' }: Shape): Child[] {
  if (steps === 'hidden') return []
  return entries.map((entry, index) => nameEntry(reader, { steps, entry, index }))
}

/** Attributes and what else has a name, each once. */
function readNamed(reader: ValueReader, object: Instance, shape: Shape): Child[] {
  const seen = new Set((shape.entries ?? []).map(({ label }) => label))
  const attributes = readPlainAttributes(reader, object, { builtIn: shape.showMembers === true })
  return [...attributes.filter(isShown), ...(shape.extra?.() ?? [])].filter(({ name }) => {
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** The notes of an exception are data; what else is called so is Python's own. */
function isShown({ name }: Child): boolean {
  return !/^__.*__$/.test(name) || name === '__notes__'
}

function scalarVariable(
  name: string,
  { type, value }: Scalar,
  { masked, reader }: { masked: boolean; reader: ValueReader },
): Variable {
  if (masked) return { name, type, text: MASKED }
  if (typeof value === 'boolean') return { name, type, text: value ? 'True' : 'False' }
  if (typeof value === 'number') return { name, type, text: formatFloat(value) }
  if (typeof value === 'bigint') return { name, type, text: String(value) }
  return { name, type, text: quoteText(reader.maskUrls(value), reader.runtime.facts.text.unicode) }
}

function isTorn(error: unknown): boolean {
  return error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE'
}
