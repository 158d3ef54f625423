// One reading of values: the runtime, the limits, and what is remembered and counted meanwhile. A new one is made for
// each document, so that nothing of it outlives the classes it knows.

import { LookAheadMemory } from '../../memory/look-ahead.js'
import type { Address } from '../../memory/remote-memory.js'
import { Classes } from '../objects/classes.js'
import { readLiveType } from '../objects/header.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { Instance } from './instance.js'
import { maskUrls } from './mask.js'
import { DEFAULT_LIMITS, type ValueLimits } from './variable.js'

/** Objects of one reading. A tree that demands more is cut, whatever its limits are. */
export const MAX_OBJECTS = 200_000

/** Characters of all names and texts of one reading, beyond those that its first text may have. */
export const MAX_CHARS = 1_000_000

/** Deeper nesting is cut, whatever the limits are: reading takes some stack of ours at each level. */
export const MAX_DEPTH = 200

/** Waits until a target that runs meanwhile has gone on. */
export interface Barrier {
  /** Whether there is a thread that may be changing something. */
  isNeeded(): boolean
  /** Returns once each of them has gone on. False when that has taken longer than it may. */
  wait(): boolean
}

interface ReaderOptions {
  /** What an earlier reading, of the same moment, has learned of the target's classes. */
  readonly classes?: Classes
  /** Without it the target stands still. */
  readonly barrier?: Barrier
}

export class ValueReader {
  readonly runtime: Runtime
  readonly limits: ValueLimits
  readonly classes: Classes
  readonly barrier: Barrier | undefined
  /** What the tree is inside of at this moment: an object within itself is not opened again. */
  readonly opened = new Set<Address>()
  /** Objects that may still be read. */
  left = MAX_OBJECTS
  /** Characters that may still be made of them. */
  leftChars: number
  /** Two readings of one thing have differed. */
  sawChange = false
  readonly #memory: LookAheadMemory

  constructor(
    runtime: Runtime,
    limits: Partial<ValueLimits> = {},
    { classes = new Classes(runtime), barrier }: ReaderOptions = {},
  ) {
    this.#memory = new LookAheadMemory(runtime.memory)
    this.runtime = { ...runtime, memory: this.#memory }
    const given = { ...DEFAULT_LIMITS, ...limits }
    this.limits = { ...given, depth: Math.min(given.depth, MAX_DEPTH) }
    this.leftChars = MAX_CHARS + this.limits.chars
    this.classes = classes
    this.barrier = barrier
  }

  /** Whether no more objects may be read. */
  get exhausted(): boolean {
    return this.left <= 0 || this.leftChars <= 0
  }

  /** For another reading of the same: all that may be read may be read again. */
  startAgain(): void {
    this.left = MAX_OBJECTS
    this.leftChars = MAX_CHARS + this.limits.chars
  }

  /** @throws RemoraError `MEMORY_UNREADABLE` when there is no object. */
  at(address: Address): Instance {
    this.left--
    return this.#instanceAt(address)
  }

  /** Hands over the object for a moment in which all its fields are read: in one call for most. Is not counted. */
  look<T>(address: Address, action: (object: Instance) => T): T {
    this.#memory.look(address)
    try {
      return action(this.#instanceAt(address))
    } finally {
      this.#memory.letGo()
    }
  }

  isMasked(name: string): boolean {
    return this.limits.mask?.test(name) === true
  }

  /** The text as it may be shown: without the passwords of URLs. */
  maskUrls(text: string, isCut = false): string {
    return this.limits.mask === undefined ? text : maskUrls(text, isCut)
  }

  #instanceAt(address: Address): Instance {
    return { address, class: this.classes.at(readLiveType(this.runtime, address)) }
  }
}
