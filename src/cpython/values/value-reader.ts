// One reading of values: the runtime, the limits, and what is remembered and counted meanwhile. A new one is made for
// each document, so that nothing of it outlives the classes it knows.

import type { Address } from '../../memory/remote-memory.js'
import type { Runtime } from '../find-runtime.js'
import { Classes } from '../objects/classes.js'
import type { Instance } from './shape.js'
import { DEFAULT_LIMITS, type ValueLimits } from './variable.js'

/** Objects of one reading. A tree that demands more is cut, whatever its limits are. */
export const MAX_OBJECTS = 200_000

/** Deeper nesting is cut, whatever the limits are: reading takes some stack of ours at each level. */
export const MAX_DEPTH = 200

export class ValueReader {
  readonly runtime: Runtime
  readonly limits: ValueLimits
  readonly classes: Classes
  /** The fields that dataclasses show, by class. */
  readonly shownFields = new Map<Address, readonly string[]>()
  #left: number

  /** @param classes What an earlier reading, of the same moment, has learned of the target's classes. */
  constructor(runtime: Runtime, limits: Partial<ValueLimits> = {}, classes = new Classes(runtime)) {
    this.runtime = runtime
    const given = { ...DEFAULT_LIMITS, ...limits }
    this.limits = { ...given, depth: Math.min(given.depth, MAX_DEPTH) }
    this.classes = classes
    this.#left = MAX_OBJECTS
  }

  /** Whether no more objects may be read. */
  get exhausted(): boolean {
    return this.#left <= 0
  }

  /** @throws RemoraError `MEMORY_UNREADABLE` when there is no object. */
  at(address: Address): Instance {
    this.#left--
    return { address, class: this.classes.of(address) }
  }

  isMasked(name: string): boolean {
    return this.limits.mask?.test(name) === true
  }
}
