// Which code was seen to be called from which instruction. From then on a thread that calls and returns faster than it
// can be copied twice is believed on one copy, if each call in it is known from here. Evidence comes in two kinds: two
// copies agree on a call; or one copy shows it with caller and callee side by side, so that they were copied within some
// nanoseconds. Of such copies less than one in a thousand shows a wrong callee, so often seen is known, and what is
// hardly ever seen where others are has to be proved more often.

import type { Address } from '../../../memory/remote-memory.js'
import { hashPair } from '../../tables/hash-pair.js'

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
  #size = 0
  /** 0 is a free place. */
  #instructions = new Float64Array(1024)
  #codes = new Float64Array(1024)
  #proofs = new Uint8Array(1024)
  #sights = new Uint32Array(1024)

  /** Two copies agree on this call. */
  prove(instruction: Address, code: Address): void {
    const place = this.#take(instruction, code)
    this.#proofs[place] = Math.min((this.#proofs[place] as number) + 1, MANY_PROOFS)
  }

  /** One copy has this call, with caller and callee side by side. */
  see(instruction: Address, code: Address): void {
    for (const callee of [code, ANY]) {
      const place = this.#take(instruction, callee)
      this.#sights[place] = (this.#sights[place] as number) + 1
    }
  }

  isKnown(instruction: Address, code: Address): boolean {
    const place = this.#find(instruction, code)
    return this.#instructions[place] !== 0 && this.#isKnownAt(place)
  }

  /** A code object has been freed, and another one may lie in its place. */
  forget(): void {
    this.#instructions.fill(0)
    this.#size = 0
  }

  #isKnownAt(place: number): boolean {
    const [proofs, sights] = [this.#proofs[place] as number, this.#sights[place] as number]
    if (proofs >= MANY_PROOFS) return true
    const any = this.#find(this.#instructions[place] as number, ANY)
    const all = this.#instructions[any] === 0 ? 0 : (this.#sights[any] as number)
    if (sights >= SIGHTS && sights >= all * LARGE_PART) return true
    return proofs >= PROOFS && sights >= all * SMALL_PART
  }

  /** Where a call stands from now on. */
  #take(instruction: Address, code: Address): number {
    const place = this.#find(instruction, code)
    if (this.#instructions[place] !== 0) return place
    if (this.#size * 2 > this.#proofs.length) {
      this.#enlarge()
      return this.#take(instruction, code)
    }
    this.#instructions[place] = instruction
    this.#codes[place] = code
    this.#proofs[place] = 0
    this.#sights[place] = 0
    this.#size++
    return place
  }

  /** Where a call stands, or the free place for it. */
  #find(instruction: Address, code: Address): number {
    const mask = this.#proofs.length - 1
    let place = hashPair(instruction, code) & mask
    while (this.#instructions[place] !== 0) {
      if (this.#instructions[place] === instruction && this.#codes[place] === code) return place
      place = (place + 1) & mask
    }
    return place
  }

  #enlarge(): void {
    const [instructions, codes, proofs, sights] = [this.#instructions, this.#codes, this.#proofs, this.#sights]
    const length = proofs.length * 2
    this.#instructions = new Float64Array(length)
    this.#codes = new Float64Array(length)
    this.#proofs = new Uint8Array(length)
    this.#sights = new Uint32Array(length)
    this.#size = 0
    for (const [old, instruction] of instructions.entries()) {
      if (instruction === 0) continue
      const place = this.#take(instruction, codes[old] as number)
      this.#proofs[place] = proofs[old] as number
      this.#sights[place] = sights[old] as number
    }
  }
}
