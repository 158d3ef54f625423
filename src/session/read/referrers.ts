// Who refers to an object: the other direction of a path, found by looking through all objects that the garbage collector
// tracks and the local variables of all calls. Nothing runs for it, and the program goes on meanwhile: each reference that
// is told was seen twice, and `complete` says whether everything was looked at.

import { type TrackedObject, visitTracked } from '../../cpython/heap/gc-objects.js'
import { ReferenceSearch } from '../../cpython/heap/reference-search.js'
import { readMainInterpreter } from '../../cpython/runtime/interpreter.js'
import { ValueReader } from '../../cpython/values/value-reader.js'
import { DEFAULT_LIMITS, type ValueLimits, type Variable } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import type { ReferrerInfo, ReferrersDocument } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import { inspect } from './inspect.js'
import { type FrameReference, findInFrames } from './referrers/frame-references.js'
import { Holders } from './referrers/holders.js'

export interface ReferrersOptions extends Partial<ValueLimits> {
  /** How long the search may take: 2,000 by default. */
  readonly budgetMs?: number
}

const DEFAULT_BUDGET_MS = 2_000
/** Of the text of one that refers. */
const MAX_CHARS = 120

/**
 * @param options `depth` is how many levels of referrers are told, `items` how many of one object.
 * @throws RemoraError as `inspect` does; `PATH_INVALID` for what is no object; `PYTHON_UNSUPPORTED`.
 */
export function findReferrers(opened: OpenProcess, path: string, options: ReferrersOptions = {}): ReferrersDocument {
  const { budgetMs = DEFAULT_BUDGET_MS, ...limits } = options
  const deadline = performance.now() + budgetMs
  const { takenAt, value } = inspect(opened, path, { ...limits, depth: 0 })
  if (value.address === undefined) throw noObject(path, value)
  const search = new Levels(opened, limits, deadline)
  const { referrers = [], total = 0 } = search.run(value.address)
  const { complete, scanned } = search
  const consistent = addressOf(opened, path) === value.address
  const schema = 'remora.referrers/1'
  return { schema, target: opened.info, takenAt, path, consistent, value, complete, scanned, total, referrers }
}

/** Undefined where the path leads no longer. */
function addressOf(opened: OpenProcess, path: string): Address | undefined {
  try {
    return inspect(opened, path, { depth: 0, chars: 1 }).value.address
  } catch (error) {
    if (error instanceof RemoraError && error.code !== 'TARGET_EXITED') return undefined
    throw error
  }
}

type Referred = Pick<ReferrerInfo, 'referrers' | 'total'>

class Levels {
  complete = true
  /** Objects that the first level has looked at. */
  scanned = 0
  readonly #opened: OpenProcess
  readonly #reader: ValueReader
  readonly #holders: Holders
  readonly #deadline: number
  readonly #depth: number

  constructor(opened: OpenProcess, limits: Partial<ValueLimits>, deadline: number) {
    this.#opened = opened
    const chars = Math.min(limits.chars ?? MAX_CHARS, MAX_CHARS)
    this.#depth = limits.depth ?? DEFAULT_LIMITS.depth
    // Nothing that is inside is shown: nobody knows by what secret names it is known elsewhere.
    this.#reader = new ValueReader(opened.runtime, { ...limits, chars, depth: 0 })
    this.#holders = new Holders({ opened, reader: this.#reader, asyncio: () => undefined })
    this.#deadline = deadline
  }

  run(address: Address): Referred {
    const result: Referred = {}
    const seen = new Set([address])
    let level = new Map<Address, Referred>([[address, result]])
    for (let left = Math.max(this.#depth, 1); left > 0 && level.size > 0; left--) {
      if (performance.now() > this.#deadline) {
        this.complete = false
        break
      }
      this.#search(level)
      const next = new Map<Address, Referred>()
      for (const { referrers = [] } of level.values()) {
        for (const referrer of referrers) {
          const { address: holder } = referrer.holder
          // Modules are where paths begin, and frames are no objects.
          if (holder === undefined || seen.has(holder) || this.#holders.isModule(holder)) continue
          seen.add(holder)
          next.set(holder, referrer)
        }
      }
      level = next
    }
    return result
  }

  /** Finds who refers to each object of a level. */
  #search(level: ReadonlyMap<Address, Referred>): void {
    const { runtime, classes } = this.#reader
    const search = new ReferenceSearch(this.#opened.runtime, classes, level.keys())
    let scanned = 0
    const visit = (object: TrackedObject): void => {
      search.visit(object)
      scanned++
    }
    const deadline = this.#deadline
    const ended = visitTracked(this.#opened.runtime, readMainInterpreter(runtime), { visit, deadline })
    search.prove()
    const frames = findInFrames(this.#opened, (value) => level.has(value))
    this.complete &&= ended && search.torn === 0 && frames.complete
    if (this.scanned === 0) this.scanned = scanned
    for (const [address, referred] of level) {
      const calls = frames.found.filter(({ value }) => value === address).map(toReferrer)
      const objects = this.#describeAll(address, search)
      const { items } = this.#reader.limits
      referred.total = calls.length + objects.total
      referred.referrers = [...calls, ...objects.referrers].slice(0, items)
    }
  }

  #describeAll(address: Address, { found, owners }: ReferenceSearch): Required<Referred> {
    const { items } = this.#reader.limits
    // Where a path begins comes first.
    const isRoot = (holder: Address): boolean => this.#holders.isModule(owners.get(holder) ?? 0)
    const holders = [...(found.get(address) ?? [])].sort((a, b) => Number(isRoot(b)) - Number(isRoot(a)))
    const referrers = new Map<Address | undefined, ReferrerInfo>()
    let others = 0
    for (const holder of holders) {
      if (referrers.size >= items) break
      const referrer = this.#holders.describe(address, holder, owners.get(holder))
      if (referrer === 'torn') this.complete = false
      // An instance and its dict are one.
      if (typeof referrer === 'string' || referrers.has(referrer.holder.address)) others++
      else referrers.set(referrer.holder.address, referrer)
      if (performance.now() > this.#deadline) {
        this.complete = false
        break
      }
    }
    return { total: holders.length - others, referrers: [...referrers.values()] }
  }
}

function toReferrer({ frame, text, name }: FrameReference): ReferrerInfo {
  return { holder: { name: frame, type: 'frame', text }, paths: [`${frame}.${name}`] }
}

function noObject(path: string, { type }: Variable): RemoraError {
  const what = type === 'frame' || type === 'task' ? `is the variables of a ${type}` : `is a ${type} in a field of C`
  return new RemoraError('PATH_INVALID', `nothing can refer to ${path}: it ${what}, and no object`, { path })
}
