// Which code was seen to be called from which instruction, in stacks on which two copies agreed. That has to happen
// twice before a call is believed at all; from then on a thread that calls and returns faster than it can be copied
// twice is believed on one copy, if each call in it is known from here.

import type { Address } from '../../memory/remote-memory.js'
import { spread } from './spread.js'

/** Two copies of a program in a hurry agree on a stack that never was about once in a million times. */
const PROOFS = 2

/** The calls of one process, by the address of the caller's instruction and of the code that it called. */
export class CallSites {
  #size = 0
  #instructions = new Float64Array(1024)
  #codes = new Float64Array(1024)
  #proofs = new Uint8Array(1024)

  /** Two copies agree on this call. Whether it is proved by now. */
  prove(instruction: Address, code: Address): boolean {
    const slot = this.#find(instruction, code)
    if (this.#proofs[slot] === 0) {
      this.#instructions[slot] = instruction
      this.#codes[slot] = code
      this.#size++
    }
    const proofs = Math.min((this.#proofs[slot] as number) + 1, PROOFS)
    this.#proofs[slot] = proofs
    if (this.#size * 2 > this.#proofs.length) this.#enlarge()
    return proofs === PROOFS
  }

  isProved(instruction: Address, code: Address): boolean {
    return this.#proofs[this.#find(instruction, code)] === PROOFS
  }

  /** A code object has been freed, and another one may lie in its place. */
  forget(): void {
    this.#proofs.fill(0)
    this.#size = 0
  }

  /** Where a call stands, or the free place for it. */
  #find(instruction: Address, code: Address): number {
    const mask = this.#proofs.length - 1
    let slot = spread(instruction, code) & mask
    while (this.#proofs[slot] !== 0 && (this.#instructions[slot] !== instruction || this.#codes[slot] !== code)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #enlarge(): void {
    const [instructions, codes, proofs] = [this.#instructions, this.#codes, this.#proofs]
    this.#instructions = new Float64Array(proofs.length * 2)
    this.#codes = new Float64Array(proofs.length * 2)
    this.#proofs = new Uint8Array(proofs.length * 2)
    for (const [slot, count] of proofs.entries()) {
      if (count === 0) continue
      const place = this.#find(instructions[slot] as number, codes[slot] as number)
      this.#instructions[place] = instructions[slot] as number
      this.#codes[place] = codes[slot] as number
      this.#proofs[place] = count
    }
  }
}
