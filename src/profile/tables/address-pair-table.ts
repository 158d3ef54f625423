// Values by pairs of addresses: an open hash over typed arrays, so that finding a pair makes no object. The columns of
// values are given when a table is made; its owner reads and writes them directly, at the place of a pair.

import type { Address } from '../../memory/remote-memory.js'
import { hashPair } from './hash-pair.js'

/** The place of a pair that is not there. */
export const ABSENT = -1

type Column = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

export class AddressPairTable<Values extends Readonly<Record<string, Column>>> {
  /** 0 is a free place. */
  #firsts: Float64Array
  #seconds: Float64Array
  #size = 0
  /** Columns by place; `take` may put others here, and everything to other places. */
  values: Values

  /** @param values columns of the same length, which is a power of two */
  constructor(values: Values) {
    const [{ length } = new Uint8Array(1)] = Object.values(values)
    this.#firsts = new Float64Array(length)
    this.#seconds = new Float64Array(length)
    this.values = values
  }

  /** The place of a pair, or `ABSENT`. The first address is not 0. */
  find(first: Address, second: Address): number {
    const mask = this.#firsts.length - 1
    let place = hashPair(first, second) & mask
    while (this.#firsts[place] !== 0) {
      if (this.#firsts[place] === first && this.#seconds[place] === second) return place
      place = (place + 1) & mask
    }
    return ABSENT
  }

  /** The place of a pair from now on; its values are 0 if it is new. */
  take(first: Address, second: Address): number {
    const known = this.find(first, second)
    if (known !== ABSENT) return known
    if (this.#size * 2 >= this.#firsts.length) this.#enlarge()
    const place = this.#add(first, second)
    for (const column of Object.values(this.values)) column[place] = 0
    return place
  }

  clear(): void {
    this.#firsts.fill(0)
    this.#size = 0
  }

  #add(first: Address, second: Address): number {
    const mask = this.#firsts.length - 1
    let place = hashPair(first, second) & mask
    while (this.#firsts[place] !== 0) place = (place + 1) & mask
    this.#firsts[place] = first
    this.#seconds[place] = second
    this.#size++
    return place
  }

  #enlarge(): void {
    const [firsts, seconds, values] = [this.#firsts, this.#seconds, this.values]
    const length = firsts.length * 2
    this.#firsts = new Float64Array(length)
    this.#seconds = new Float64Array(length)
    this.#size = 0
    this.values = emptyLike(values, length)
    for (const [old, first] of firsts.entries()) {
      if (first === 0) continue
      const place = this.#add(first, seconds[old] as number)
      for (const [name, column] of Object.entries(this.values)) column[place] = values[name]?.[old] as number
    }
  }
}

function emptyLike<Values extends Readonly<Record<string, Column>>>(values: Values, length: number): Values {
  const columns = Object.entries(values).map(([name, column]) => {
    return [name, new (column.constructor as new (length: number) => Column)(length)]
  })
  return Object.fromEntries(columns)
}
