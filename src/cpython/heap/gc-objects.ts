// Walks the objects that the garbage collector tracks: containers and instances, not numbers and strings. Its lists are
// not in the table of debug offsets, and have moved between patch releases; but the head of a list proves itself, as both its neighbours
// point back at it. Follows Include/internal/pycore_interp_structs.h (PyGC_Head) at v3.14.8 and v3.15.0.

import { RemoraError } from '../../errors/remora-error.js'
import { BlockMemory } from '../../memory/blocks.js'
import { PAGE_BYTES, withinPage } from '../../memory/page.js'
import type { Address, RemoteMemory } from '../../memory/remote-memory.js'
import { pointerAt, readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { InterpreterState } from '../runtime/interpreter.js'

export interface TrackedObject {
  readonly address: Address
  readonly type: Address
  /** Its beginning and what stands before it, all read at once; `offset` is where in `bytes` the object itself begins. */
  readonly bytes: Buffer
  readonly offset: number
}

/** {next, previous}, before each tracked object. */
const GC_HEAD_BYTES = 16
/** What stands before that, of instances that have a dict or weak references: a pointer to each. */
const PRE_HEADER_BYTES = 16
/** What most objects have, and costs no more to read than their header. */
const BODY_BYTES = 240
/** The low bits of both words are flags. */
const FLAGS = 4
/** Attempts at finding all heads: while a list is collected, its head does not prove itself. */
const HEAD_ATTEMPTS = 500
/** Attempts at one list, while collections come and go. */
const LIST_ATTEMPTS = 10
/** How often a walk may meet what has changed meanwhile. */
const MAX_CHANGES = 100_000
/** No list is walked further. */
const MAX_TRACKED = 50_000_000

/** The clock is looked at once in so many steps. */
const CLOCK_EVERY = 1024

export interface Visit {
  readonly visit: (object: TrackedObject) => void
  /** When to stop, by `performance.now()`. */
  readonly deadline: number
}

/**
 * Calls `visit` for each tracked object, of a list that changed meanwhile perhaps twice for some.
 * @returns Whether every object was met that was there throughout.
 * @throws RemoraError `PYTHON_UNSUPPORTED` for a free-threaded build, which has no such lists.
 */
export function visitTracked(runtime: Runtime, interpreter: InterpreterState, { visit, deadline }: Visit): boolean {
  if (runtime.freeThreaded) {
    throw new RemoraError('PYTHON_UNSUPPORTED', 'a free-threaded Python keeps no lists of its objects', {
      freeThreaded: true,
    })
  }
  const heads = findHeads(runtime, interpreter)
  const { memory, offsets, facts } = runtime
  let complete = heads.length === facts.collector.generations && facts.collector.movesOneWay
  let steps = 0
  const isOver = (): boolean => {
    const isDue = steps > 0 && steps % CLOCK_EVERY === 0
    steps++
    return isDue && performance.now() > deadline
  }
  const isCollecting = (): boolean => {
    const at = interpreter.address + offsets.interpreter_state.gc + offsets.gc.collecting
    return memory.read(at, 4).readInt32LE() !== 0
  }
  // The youngest first: what a collection leaves goes to an older list, or stays in the oldest one, in another order.
  for (const head of heads) {
    let outcome: Outcome = 'torn'
    for (let attempt = 0; outcome === 'torn' && attempt < LIST_ATTEMPTS; attempt++) {
      const collected = readFullCollections(runtime, interpreter, heads)
      // A collection keeps what it looks at in lists of its own.
      const before = isCollecting()
      outcome = new ListWalk(runtime, { head, heads, visit, isOver }).run()
      if (outcome !== 'ended') continue
      const isSame = collected.equals(readFullCollections(runtime, interpreter, heads))
      if (before || isCollecting() || !isSame) outcome = 'torn'
    }
    if (outcome === 'stopped') return false
    if (outcome === 'torn') complete = false
  }
  return complete
}

/** What a collection of the oldest generation changes at its end. */
function readFullCollections(
  { memory, offsets, facts }: Runtime,
  interpreter: InterpreterState,
  heads: readonly Address[],
): Buffer {
  const where = facts.collector.fullCollections
  if (where.place === 'behind-last-head') return memory.read((heads.at(-1) as Address) + where.offset, where.bytes)
  const rings = readPointer(memory, interpreter.address + offsets.interpreter_state.gc + where.pointer)
  return memory.read(rings + where.size - where.bytes, where.bytes)
}

/** The heads of all generations, the youngest first; none when they could not be told. */
function findHeads({ memory, offsets, facts }: Runtime, interpreter: InterpreterState): Address[] {
  const { generations, generationBytes } = facts.collector
  const start = interpreter.address + offsets.interpreter_state.gc
  const [proven, likely] = [new Set<Address>(), new Set<Address>()]
  for (let attempt = 0; attempt < HEAD_ATTEMPTS; attempt++) {
    const bytes = memory.read(start, offsets.gc.size)
    for (let at = 0; at + GC_HEAD_BYTES <= bytes.length; at += 8) {
      if (proven.has(start + at)) continue
      const { before, after } = readNeighbours(memory, bytes.subarray(at))
      if (before === start + at) likely.add(start + at)
      if (before === start + at && after === before) proven.add(before)
    }
    for (const first of likely) {
      const heads = Array.from({ length: generations }, (_, index) => first + index * generationBytes)
      // The end of the youngest list moves all the time.
      if (heads.every((head, index) => (index === 0 ? likely : proven).has(head))) return heads
    }
  }
  return []
}

/** To what the neighbours of a head point back: the first node of its list, and the last one. */
function readNeighbours(memory: RemoteMemory, head: Buffer): { before: Address; after: Address } {
  const [next, previous] = [unflag(pointerAt(head, 0)), unflag(pointerAt(head, 8))]
  const [before, after] = memory.readMany([
    { address: next + 8, length: 8 },
    { address: previous, length: 8 },
  ])
  const wordOf = (bytes: Buffer | undefined): Address => (bytes === undefined ? 0 : unflag(pointerAt(bytes, 0)))
  return { before: wordOf(before), after: wordOf(after) }
}

type Outcome = 'ended' | 'stopped' | 'torn'

interface Walk extends Pick<Visit, 'visit'> {
  readonly head: Address
  readonly heads: readonly Address[]
  readonly isOver: () => boolean
}

/**
 * One walk through a list that the program changes meanwhile, from its end to its head. The program takes objects out
 * anywhere, and where one has been, a new one joins the end of the youngest list. So whoever comes from the end is led
 * back there at worst, and meets some objects twice; who came from the head would be led past all the others.
 */
class ListWalk {
  readonly #memory: RemoteMemory
  readonly #blocks: BlockMemory
  readonly #walk: Walk
  /** Bytes of a node up to the type of its object. */
  readonly #least: number

  constructor({ memory, offsets }: Runtime, walk: Walk) {
    this.#memory = memory
    this.#blocks = new BlockMemory(memory)
    this.#walk = walk
    this.#least = GC_HEAD_BYTES + offsets.pyobject.ob_type + 8
  }

  run(): Outcome {
    const { head, heads, visit, isOver } = this.#walk
    let last = 0
    let node = this.#wordAt(head + 8)
    for (let count = 0, changes = 0; count < MAX_TRACKED && changes < MAX_CHANGES; count++) {
      if (isOver()) return 'stopped'
      // The head of an older list: this one has been joined to that as a whole.
      if (heads.includes(node)) return heads.indexOf(node) >= heads.indexOf(head) ? 'ended' : 'torn'
      let link = this.#read(node)
      // The end moves on while a walk begins.
      if (link === undefined || (last !== 0 && link.next !== last)) {
        changes++
        this.#blocks.forget()
        link = this.#isLinked(node) ? this.#read(node) : undefined
      }
      if (link === undefined) {
        node = this.#wordAt((this.#isLinked(last) ? last : head) + 8)
        last = 0
        continue
      }
      try {
        visit(link.object)
      } catch (error) {
        // What lies here is no object any more.
        if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return 'torn'
        throw error
      }
      last = node
      node = link.previous
    }
    return 'torn'
  }

  #read(node: Address): { object: TrackedObject; previous: Address; next: Address } | undefined {
    // The page before may not be mapped, nor the one behind.
    const before = node % PAGE_BYTES === 0 ? 0 : PRE_HEADER_BYTES
    const length = before + Math.max(withinPage(node, GC_HEAD_BYTES + BODY_BYTES), this.#least)
    const [bytes] = this.#blocks.readMany([{ address: node - before, length }])
    if (bytes === undefined) return undefined
    const type = pointerAt(bytes, before + this.#least - 8)
    const object = { address: node + GC_HEAD_BYTES, type, bytes, offset: before + GC_HEAD_BYTES }
    return { object, next: unflag(pointerAt(bytes, before)), previous: unflag(pointerAt(bytes, before + 8)) }
  }

  /** Whether a node is in a list now: its neighbour knows it. */
  #isLinked(node: Address): boolean {
    const next = this.#wordAt(node)
    return next !== 0 && this.#wordAt(next + 8) === node
  }

  /** A pointer to a node; 0 where there is none. */
  #wordAt(address: Address): Address {
    const [bytes] = this.#memory.readMany([{ address, length: 8 }])
    return bytes === undefined ? 0 : unflag(pointerAt(bytes, 0))
  }
}

function unflag(word: number): Address {
  return word - (word % FLAGS)
}
