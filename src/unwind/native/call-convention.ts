// How functions call each other on this architecture, as far as the walk over native callers has to know it.

import type { RemoteMemory } from '../../memory/remote-memory.js'
import { ARCHITECTURE } from '../../native/machine.js'
import { ARM64_ADDRESS } from '../../process/stop/interrupted-call.js'
import { readCalledFunction } from './called-function.js'

export interface CallConvention {
  /** DWARF's number of the stack pointer. */
  readonly stackRegister: number
  /** The address in a word of the stack, which may hold a signature as well. */
  toAddress(word: bigint): bigint
  /** The function that was called before `returnAddress`, where that may have left no trace on the stack. */
  readCalled(memory: RemoteMemory, returnAddress: number): number | undefined
}

const unknown: CallConvention = {
  stackRegister: -1,
  toAddress: (word) => word,
  readCalled: () => undefined,
}

const conventions: Readonly<Record<string, CallConvention>> = {
  x64: { ...unknown, stackRegister: 7 },
  arm64: {
    stackRegister: 31,
    toAddress: (word) => word & ARM64_ADDRESS,
    readCalled: readCalledFunction,
  },
}

/** On an architecture that is not known, the walk has nothing but the place of the call itself. */
export function callConventionOf(architecture: string = ARCHITECTURE): CallConvention {
  return conventions[architecture] ?? unknown
}
