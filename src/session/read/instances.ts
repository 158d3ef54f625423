// The live instances of a class, found in the lists of the target's garbage collector within a budget of time. A program
// that runs on moves objects from list to list: what is found was there, and `complete` says whether all was looked at.

import { visitTracked } from '../../cpython/heap/gc-objects.js'
import { Classes, type ClassInfo } from '../../cpython/objects/classes.js'
import { readLiveType } from '../../cpython/objects/header.js'
import { readSize } from '../../cpython/objects/size.js'
import { unlessTorn } from '../../cpython/retry-torn.js'
import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import { readMainInterpreter } from '../../cpython/runtime/interpreter.js'
import { readVariable } from '../../cpython/values/read-variable.js'
import { toHex } from '../../cpython/values/shape.js'
import { ValueReader } from '../../cpython/values/value-reader.js'
import type { ValueLimits, Variable } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import type { InstancesDocument } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import { findNear } from './inspect/near-names.js'

export interface InstancesOptions extends Partial<ValueLimits> {
  /** How long the lists may be walked: 2,000 by default. */
  readonly budgetMs?: number
}

const DEFAULT_BUDGET_MS = 2_000

/**
 * @param name `app.Job`; `Job` means the classes of that name in every module. Subclasses count, too.
 * @throws RemoraError `PATH_NOT_FOUND` when no tracked object is of such a class, `PYTHON_UNSUPPORTED`.
 */
export function findInstances(opened: OpenProcess, name: string, options: InstancesOptions = {}): InstancesDocument {
  const { runtime } = opened
  const { budgetMs = DEFAULT_BUDGET_MS, ...limits } = options
  const takenAt = new Date().toISOString()
  const deadline = performance.now() + budgetMs
  const search = new Search(runtime, name)
  const complete = visitTracked(runtime, readMainInterpreter(runtime), {
    visit: ({ address, type }) => search.visit(address, type),
    deadline,
  })
  if (search.found.size === 0 && complete) throw notFound(search, name)
  const reader = new ValueReader(runtime, limits, { classes: search.classes })
  const shown = search.firstAlive(reader.limits.items)
  return {
    schema: 'remora.instances/1',
    target: opened.info,
    takenAt,
    type: name,
    complete,
    scanned: search.scanned,
    classes: search.countByClass(),
    instances: shown.map((address): Variable => readVariable(reader, { name: `@${toHex(address)}`, value: address })),
  }
}

class Search {
  readonly classes: Classes
  readonly found = new Map<Address, ClassInfo>()
  /** Of each class that was met, whether it is or inherits from one of that name. */
  readonly #matches = new Map<Address, ClassInfo | undefined>()
  readonly #runtime: Runtime
  readonly #name: string
  scanned = 0

  constructor(runtime: Runtime, name: string) {
    this.#runtime = runtime
    this.classes = new Classes(runtime)
    this.#name = name
  }

  visit(address: Address, type: Address): void {
    if (!this.#matches.has(type)) this.#matches.set(type, this.#match(type))
    const info = this.#matches.get(type)
    if (info !== undefined) this.found.set(address, info)
    this.scanned++
  }

  get names(): string[] {
    return [...new Set([...this.#matches.keys()].map((type) => this.classes.at(type).fullName))]
  }

  countByClass(): InstancesDocument['classes'] {
    const counts = new Map<string, { type: string; count: number; bytes: number }>()
    for (const [address, info] of this.found) {
      const { fullName } = info
      const { count, bytes } = counts.get(fullName) ?? { count: 0, bytes: 0 }
      const size = this.#sizeOf(address, info)
      counts.set(fullName, { type: fullName, count: count + 1, bytes: bytes + size })
    }
    return [...counts.values()].sort((a, b) => b.count - a.count)
  }

  /** The first that are still there, now that all was looked at. */
  firstAlive(limit: number): Address[] {
    const alive: Address[] = []
    for (const [address, { address: type }] of this.found) {
      if (alive.length >= limit) break
      if (unlessTorn(() => readLiveType(this.#runtime, address), 0, 1) === type) alive.push(address)
    }
    return alive
  }

  /** Without what cannot be read any more. */
  #sizeOf(address: Address, info: ClassInfo): number {
    try {
      const isSet = this.classes.inherits(info, 'set') || this.classes.inherits(info, 'frozenset')
      return readSize(this.#runtime, address, { ...info, isSet })
    } catch (error) {
      if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return info.basicSize
      throw error
    }
  }

  #match(type: Address): ClassInfo | undefined {
    const info = this.classes.at(type)
    const isNamed = ({ fullName, qualifiedName }: ClassInfo): boolean => [fullName, qualifiedName].includes(this.#name)
    return this.classes.order(info).some(isNamed) ? info : undefined
  }
}

function notFound({ names }: Search, name: string): RemoraError {
  const near = findNear(name, names)
  return new RemoraError('PATH_NOT_FOUND', `the garbage collector tracks no object of a class ${name}`, {
    path: name,
    reached: '',
    missing: name,
    there: names,
    near,
  })
}
