// Which code was seen to be called from which instruction. From then on a thread that calls and returns faster than it
// can be copied twice is believed on one copy, if each call in it is known from here. Evidence comes in two kinds: two
// copies agree on a call; or one copy shows it with caller and callee side by side, so that they were copied within some
// nanoseconds. Of such copies less than one in a thousand shows a wrong callee, so often seen is known, and what is
// hardly ever seen where others are has to be proved more often.

import type { Address } from '../../../memory/remote-memory.js'
import { ABSENT, AddressPairTable } from '../../tables/address-pair-table.js'

/** Two copies of a program in a hurry agree on a stack that never was about once in a million times. */
const PROOFS = 2
/** As many are enough whatever else was seen. */
const MANY_PROOFS = 8
/** Sights alone are enough when they are as many, and this part of all calls from the instruction. */
const SIGHTS = 16
const LARGE_PART = 1 / 8
/** A smaller part than this speaks against a call. */
const SMALL_PART = 1 / 64
/** Stands for all code that is called from an instruction. */
const ANY = -1

/** The calls of one process, by the address of the caller's instruction and of the code that it called. */
export class CallSites {
  readonly #calls = new AddressPairTable({ proofs: new Uint8Array(1024), sights: new Uint32Array(1024) })

  /** Two copies agree on this call. */
  prove(instruction: Address, code: Address): void {
    const place = this.#calls.take(instruction, code)
    const { proofs } = this.#calls.values
    proofs[place] = Math.min((proofs[place] as number) + 1, MANY_PROOFS)
  }

  /** One copy has this call, with caller and callee side by side. */
  see(instruction: Address, code: Address): void {
    for (const callee of [code, ANY]) {
      const place = this.#calls.take(instruction, callee)
      const { sights } = this.#calls.values
      sights[place] = (sights[place] as number) + 1
    }
  }

  isKnown(instruction: Address, code: Address): boolean {
    const place = this.#calls.find(instruction, code)
    if (place === ABSENT) return false
    const proofs = this.#calls.values.proofs[place] as number
    if (proofs >= MANY_PROOFS) return true
    const sights = this.#calls.values.sights[place] as number
    const all = this.#sightsFrom(instruction)
    if (sights >= SIGHTS && sights >= all * LARGE_PART) return true
    return proofs >= PROOFS && sights >= all * SMALL_PART
  }

  /** A code object has been freed, and another one may lie in its place. */
  forget(): void {
    this.#calls.clear()
  }

  /** Of any code that was called from there. */
  #sightsFrom(instruction: Address): number {
    const place = this.#calls.find(instruction, ANY)
    return place === ABSENT ? 0 : (this.#calls.values.sights[place] as number)
  }
}
