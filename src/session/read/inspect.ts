// `remora inspect`: the value at the end of a path, read from memory. No code of the target runs, so it also works on a
// process that is blocked, deadlocked or stuck in C, and never changes what it looks at.

import { isDeepStrictEqual } from 'node:util'
import type { AsyncioOffsets } from '../../cpython/asyncio/asyncio-offsets.js'
import { findAsyncioOffsets } from '../../cpython/asyncio/find-asyncio-offsets.js'
import { retryTorn } from '../../cpython/retry-torn.js'
import { MASKED } from '../../cpython/values/mask.js'
import { readVariable } from '../../cpython/values/read-variable.js'
import type { Child } from '../../cpython/values/shape.js'
import { ValueReader } from '../../cpython/values/value-reader.js'
import type { ValueLimits, Variable } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { InspectDocument } from '../documents/index.js'
import { type OpenProcess, readMappings } from '../target/open-process.js'
import { completePath } from './inspect/complete.js'
import { GilBarrier } from './inspect/gil-barrier.js'
import { type Path, parsePath } from './inspect/parse-path.js'
import type { Place } from './inspect/place.js'
import { findStarts, rootKinds } from './inspect/roots.js'
import type { Look } from './inspect/start.js'
import { walk } from './inspect/walk.js'

export interface InspectOptions extends Partial<ValueLimits> {}

/** Readings of a path that leads elsewhere meanwhile. */
const ATTEMPTS = 20

/** @throws RemoraError `PATH_INVALID`, `PATH_NOT_FOUND`, `THREAD_NOT_FOUND`, `TASK_NOT_FOUND`, `MEMORY_UNREADABLE`. */
export function inspect(opened: OpenProcess, text: string, options: InspectOptions = {}): InspectDocument {
  const path = parsePath(text, rootKinds)
  const takenAt = new Date().toISOString()
  const { runtime } = opened
  const asyncio = asyncioFinder(opened)
  const reader = new ValueReader(runtime, options, { barrier: new GilBarrier(opened) })
  const read = (): Reading => {
    reader.startAgain()
    return readOnce({ opened, reader, asyncio }, path)
  }
  let reading = read()
  for (let attempt = 1; !reading.consistent && attempt < ATTEMPTS; attempt++) reading = read()
  return { schema: 'remora.inspect/1', target: opened.info, takenAt, path: text, ...reading }
}

/** Paths that go on from `text`. */
export function complete(opened: OpenProcess, text: string): string[] {
  const asyncio = asyncioFinder(opened)
  return retryTorn(() => {
    const reader = new ValueReader(opened.runtime, { mask: undefined })
    return completePath({ opened, reader, asyncio }, text)
  })
}

/** Few paths begin with a task, and the search opens files. */
function asyncioFinder({ status, runtime }: OpenProcess): Look['asyncio'] {
  let found: { readonly offsets: AsyncioOffsets | undefined } | undefined
  return () => {
    found ??= { offsets: findAsyncioOffsets(status.pid, runtime, readMappings(status)) }
    return found.offsets
  }
}

type Reading = Pick<InspectDocument, 'value' | 'consistent'>

function readOnce(look: Look, path: Path): Reading {
  const { reader } = look
  const find = (): Found => retryTorn(() => findPlace(look, path))
  const { place, root } = find()
  // An object that the path no longer leads to may have been freed, and another one read in its place.
  let consistent = true
  const isThere = (): boolean => {
    consistent &&= 'namespace' in root ? isSame(root) : sameValue(place, find().place)
    return consistent
  }
  const value =
    'namespace' in place ? readNamespace(reader, path, place) : readLast(reader, path, { ...place, isThere })
  return { value, consistent: isThere() }
}

function sameValue(a: Place, b: Place): boolean {
  return 'value' in a && 'value' in b && isDeepStrictEqual(a.value, b.value)
}

interface Found {
  readonly place: Place
  readonly root: Place
}

/** Of several beginnings the first from which all steps lead on; the first one's error when there is none. */
function findPlace(look: Look, path: Path): Found {
  let failure: unknown
  for (const start of findStarts(look, path)) {
    try {
      return { place: walk(look.reader, start), root: start.place }
    } catch (error) {
      if (!(error instanceof RemoraError) || error.code !== 'PATH_NOT_FOUND') throw error
      failure ??= error
    }
  }
  throw failure
}

function readLast(reader: ValueReader, path: Path, place: Pick<Child, 'value' | 'isThere'>): Variable {
  const steps = path.steps.map((step) => ('attribute' in step ? step.attribute : step.text))
  // Threads and tasks are called after what they do, such as to refresh tokens: that makes no secret of their variables.
  const names = path.root.kind === 'name' ? [path.root.name, ...steps] : steps
  const variable = readVariable(reader, { name: path.text, ...place, plainName: '' }, reader.limits.depth)
  // What lies below a secret is one, too.
  if (!names.some((name) => reader.isMasked(name.replaceAll(/^\[['"]|['"]\]$/g, '')))) return variable
  const { children: _, truncated: __, ...masked } = variable
  return { ...masked, text: MASKED }
}

function readNamespace(
  reader: ValueReader,
  path: Path,
  { namespace }: Extract<Place, { namespace: unknown }>,
): Variable {
  const { type, text, children } = namespace
  const shown = children.slice(0, reader.limits.items)
  return {
    name: path.text,
    type,
    text,
    ...(children.length > shown.length ? { truncated: true } : {}),
    children: shown.map((child) => readVariable(reader, child, reader.limits.depth - 1)),
  }
}

function isSame({ namespace }: Extract<Place, { namespace: unknown }>): boolean {
  try {
    return namespace.isSame()
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return false
    throw error
  }
}
