// Walks the objects that the garbage collector tracks: containers and instances, not numbers and strings. Its lists are
// not in the table of debug offsets, and moved within 3.14; but the head of a list proves itself, as both its neighbours
// point back at it. Follows Include/internal/pycore_interp_structs.h (PyGC_Head, gc_generation) at v3.14.8 and v3.15.0.

import { RemoraError } from '../errors/remora-error.js'
import type { Address, RemoteMemory } from '../memory/remote-memory.js'
import type { Runtime } from './find-runtime.js'
import type { InterpreterState } from './interpreter.js'
import { pointerAt } from './pointer.js'

export interface TrackedObject {
  readonly address: Address
  readonly type: Address
}

/** {next, previous}, before each tracked object. */
const GC_HEAD_BYTES = 16
/** The low bits of both words are flags. */
const FLAGS = 4
/** Three generations and what `gc.freeze` has set aside, one behind the other: a head and two numbers each. */
const GENERATIONS = 4
const GENERATION_BYTES = 24
/** Attempts at finding all heads: while a list is collected, its head does not prove itself. */
const HEAD_ATTEMPTS = 500
/** Attempts at one list, which objects join and leave meanwhile. */
const LIST_ATTEMPTS = 10
/** No list is walked further. */
export const MAX_TRACKED = 50_000_000

/**
 * Calls `visit` for each tracked object, of a list that changed meanwhile perhaps twice for some; stops when it returns
 * false.
 * @returns Whether all lists were walked to their ends.
 * @throws RemoraError `PYTHON_UNSUPPORTED` for a free-threaded build, which has no such lists.
 */
export function visitTracked(
  runtime: Runtime,
  interpreter: InterpreterState,
  visit: (object: TrackedObject) => boolean,
): boolean {
  if (runtime.freeThreaded) {
    throw new RemoraError('PYTHON_UNSUPPORTED', 'a free-threaded Python keeps no lists of its objects', {
      freeThreaded: true,
    })
  }
  const heads = findHeads(runtime, interpreter)
  const isCollecting = (): boolean => {
    const { gc } = runtime.offsets
    const at = interpreter.address + runtime.offsets.interpreter_state.gc + gc.collecting
    return runtime.memory.read(at, 4).readInt32LE() !== 0
  }
  let complete = heads.length === GENERATIONS
  // The youngest first: objects move to older generations only, so that none is missed for having moved.
  for (const head of heads) {
    let outcome: Outcome = 'torn'
    for (let attempt = 0; outcome === 'torn' && attempt < LIST_ATTEMPTS; attempt++) {
      const before = isCollecting()
      outcome = walkList(runtime, { head, heads, visit })
      // A collection keeps what it looks at in lists of its own.
      if (outcome === 'ended' && (before || isCollecting())) outcome = 'torn'
    }
    if (outcome === 'stopped') return false
    if (outcome === 'torn') complete = false
  }
  return complete
}

/** The heads of all generations, the youngest first; fewer when some could not be told. */
function findHeads({ memory, offsets }: Runtime, interpreter: InterpreterState): Address[] {
  const start = interpreter.address + offsets.interpreter_state.gc
  const proven = new Set<number>()
  for (let attempt = 0; proven.size < GENERATIONS && attempt < HEAD_ATTEMPTS; attempt++) {
    const bytes = memory.read(start, offsets.gc.size)
    for (let at = 0; at + GC_HEAD_BYTES <= bytes.length; at += 8) {
      if (!proven.has(at) && isHead(memory, start + at, bytes.subarray(at))) proven.add(at)
    }
  }
  const sorted = [...proven].sort((a, b) => a - b)
  const apart = sorted.every((at, index) => index === 0 || at - (sorted[index - 1] as number) === GENERATION_BYTES)
  return apart ? sorted.map((at) => start + at) : []
}

function isHead(memory: RemoteMemory, address: Address, bytes: Buffer): boolean {
  const [next, previous] = [unflag(pointerAt(bytes, 0)), unflag(pointerAt(bytes, 8))]
  const [before, after] = memory.readMany([
    { address: next + 8, length: 8 },
    { address: previous, length: 8 },
  ])
  if (before === undefined || after === undefined) return false
  return unflag(pointerAt(before, 0)) === address && unflag(pointerAt(after, 0)) === address
}

type Outcome = 'ended' | 'stopped' | 'torn'

interface Walk {
  readonly head: Address
  readonly heads: readonly Address[]
  readonly visit: (object: TrackedObject) => boolean
}

function walkList({ memory, offsets }: Runtime, { head, heads, visit }: Walk): Outcome {
  const typeAt = GC_HEAD_BYTES + offsets.pyobject.ob_type
  let node = unflag(pointerAt(memory.read(head, 8), 0))
  // The head of another list ends the walk, too: this one has been joined to that meanwhile.
  for (let count = 0; !heads.includes(node); count++) {
    const [bytes] = count < MAX_TRACKED ? memory.readMany([{ address: node, length: typeAt + 8 }]) : []
    if (bytes === undefined) return 'torn'
    const next = unflag(pointerAt(bytes, 0))
    // What has left the list is not part of any.
    if (next === 0 || next === node) return 'torn'
    try {
      if (!visit({ address: node + GC_HEAD_BYTES, type: pointerAt(bytes, typeAt) })) return 'stopped'
    } catch (error) {
      // What lies here is no object any more.
      if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return 'torn'
      throw error
    }
    node = next
  }
  return 'ended'
}

function unflag(word: number): Address {
  return word - (word % FLAGS)
}
