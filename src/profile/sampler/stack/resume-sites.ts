// Which generator's code was seen to be resumed from which instruction. Caller and generator lie apart, and are copied one
// after the other: a generator that was replaced meanwhile by one of another function may lie at the same address. So a
// sight counts if the caller had the generator both before and after that was copied, and it counts against the site if
// the caller went on meanwhile: where many do, some have come back, too.

import type { Address } from '../../../memory/remote-memory.js'
import { ABSENT, AddressPairTable } from '../../tables/address-pair-table.js'

/** Sights are enough when they are as many, and this part of all from the instruction. */
const SIGHTS = 16
const LARGE_PART = 1 / 8
/** And when that is so many times the part of copies in which the caller went on. */
const ABOVE_LOST = 4
/** Copies that agree are enough when they are as many, and nearly all that do. */
const PROOFS = 8
const NEARLY_ALL = 15 / 16
/** Stand for all code that is resumed from an instruction, and for none. */
const ANY = -1
const NONE = -2

/** By the address of the caller's instruction and of the generator's code. */
export class ResumeSites {
  readonly #sites = new AddressPairTable({ proofs: new Uint32Array(256), sights: new Uint32Array(256) })

  /** Two copies agree on all frames of a stack. */
  prove(instruction: Address, code: Address): void {
    this.#count('proofs', instruction, code)
  }

  /** Two copies agree on the caller, and the generator was copied in between. */
  see(instruction: Address, code: Address): void {
    this.#count('sights', instruction, code)
  }

  /** In the second copy the caller has gone on. */
  lose(instruction: Address): void {
    const place = this.#sites.take(instruction, NONE)
    const { sights } = this.#sites.values
    sights[place] = (sights[place] as number) + 1
  }

  isKnown(instruction: Address, code: Address): boolean {
    const proofs = this.#countOf('proofs', instruction, code)
    if (proofs >= PROOFS && proofs >= this.#countOf('proofs', instruction, ANY) * NEARLY_ALL) return true
    const sights = this.#countOf('sights', instruction, code)
    const all = this.#countOf('sights', instruction, ANY)
    const lost = this.#countOf('sights', instruction, NONE)
    return sights >= SIGHTS && sights >= all * Math.max(LARGE_PART, (ABOVE_LOST * lost) / (all + lost))
  }

  /** A code object has been freed, and another one may lie in its place. */
  forget(): void {
    this.#sites.clear()
  }

  #count(what: 'proofs' | 'sights', instruction: Address, code: Address): void {
    for (const resumed of [code, ANY]) {
      const place = this.#sites.take(instruction, resumed)
      const counts = this.#sites.values[what]
      counts[place] = (counts[place] as number) + 1
    }
  }

  #countOf(what: 'proofs' | 'sights', instruction: Address, code: Address): number {
    const place = this.#sites.find(instruction, code)
    return place === ABSENT ? 0 : (this.#sites.values[what][place] as number)
  }
}
