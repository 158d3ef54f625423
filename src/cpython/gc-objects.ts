// Walks the objects that the garbage collector tracks: containers and instances, not numbers and strings. Its lists are
// not in the table of debug offsets, and moved within 3.14; but the head of a list proves itself, as both its neighbours
// point back at it. Follows Include/internal/pycore_interp_structs.h (PyGC_Head, gc_generation) at v3.14.8 and v3.15.0.

import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'
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
/** Attempts at one list, which objects join and leave meanwhile. */
const ATTEMPTS = 3
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
      version: runtime.version.text,
    })
  }
  const heads = findHeads(runtime, interpreter)
  let complete = heads.length > 0
  for (const head of heads) {
    let outcome = walkList(runtime, head, visit)
    for (let attempt = 1; outcome === 'torn' && attempt < ATTEMPTS; attempt++) outcome = walkList(runtime, head, visit)
    if (outcome === 'stopped') return false
    if (outcome === 'torn') complete = false
  }
  return complete
}

/** The heads of all generations, empty ones too. */
function findHeads({ memory, offsets }: Runtime, interpreter: InterpreterState): Address[] {
  const start = interpreter.address + offsets.interpreter_state.gc
  const bytes = memory.read(start, offsets.gc.size)
  const heads: Address[] = []
  for (let at = 0; at + GC_HEAD_BYTES <= bytes.length; at += 8) {
    const [next, previous] = [unflag(pointerAt(bytes, at)), unflag(pointerAt(bytes, at + 8))]
    const [before, after] = memory.readMany([
      { address: next + 8, length: 8 },
      { address: previous, length: 8 },
    ])
    if (before === undefined || after === undefined) continue
    if (unflag(pointerAt(before, 0)) === start + at && unflag(pointerAt(after, 0)) === start + at)
      heads.push(start + at)
  }
  return heads
}

function walkList(
  { memory, offsets }: Runtime,
  head: Address,
  visit: (object: TrackedObject) => boolean,
): 'ended' | 'stopped' | 'torn' {
  const typeAt = GC_HEAD_BYTES + offsets.pyobject.ob_type
  const read = (address: Address, length: number) => memory.readMany([{ address, length }])[0]
  let node = unflag(pointerAt(memory.read(head, 8), 0))
  for (let count = 0; node !== head; count++) {
    const bytes = count < MAX_TRACKED ? read(node, typeAt + 8) : undefined
    if (bytes === undefined) return 'torn'
    const next = unflag(pointerAt(bytes, 0))
    try {
      if (!visit({ address: node + GC_HEAD_BYTES, type: pointerAt(bytes, typeAt) })) return 'stopped'
    } catch (error) {
      // What lies here is no object any more, or the head of another list to which the walk has strayed.
      if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return 'torn'
      throw error
    }
    if (next === 0 || next === node) return 'torn'
    node = next
  }
  return 'ended'
}

function unflag(word: number): Address {
  return word - (word % FLAGS)
}
