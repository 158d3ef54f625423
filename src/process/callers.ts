// The native callers of a thread that is blocked in a system call, innermost first, from the rules that compilers leave
// in each file. Without a stop only the stack pointer is known, and what functions further in have saved on the stack: that
// is enough for the way out of the C library, which is what is asked for.

import type { Elf } from '../binary/elf.js'
import { findUnwindRow } from '../binary/unwind-row.js'
import type { RemoteMemory } from '../memory/remote-memory.js'
import { findMapping, type Mapping } from './maps.js'
import type { SystemCall } from './threads.js'

export interface Caller {
  /** A return address; the program counter for the first one. */
  readonly address: number
  readonly mapping: Mapping
}

/** The file behind a mapping, and what to add to its addresses. */
export interface MappedElf {
  readonly elf: Elf
  readonly bias: number
}

/** DWARF's number of the stack pointer. */
const STACK_POINTERS: Readonly<Record<string, number>> = { x64: 7, arm64: 31 }
const MAX_CALLERS = 32

/** Ends where the way cannot be followed any more. */
export function* walkCallers(
  call: SystemCall,
  memory: RemoteMemory,
  { mappings, openElf }: { mappings: readonly Mapping[]; openElf: (mapping: Mapping) => MappedElf | undefined },
): Generator<Caller> {
  const stackRegister = STACK_POINTERS[process.arch] ?? -1
  /** What is known of the registers, by DWARF's numbers: at first the stack pointer alone, then what lies on the stack. */
  const registers = new Map([[stackRegister, Number(call.stackPointer)]])
  let address = Number(call.programCounter)
  for (let count = 0; count < MAX_CALLERS; count++) {
    const mapping = findMapping(mappings, address)
    if (mapping?.permissions[2] !== 'x') return
    yield { address, mapping }
    const file = openElf(mapping)
    // The instruction before: a call may be the last one of its function.
    const row = file && findUnwindRow(file.elf, address - 1 - file.bias)
    const base = row && registers.get(row.frameRegister)
    if (row === undefined || base === undefined) return
    const frame = base + row.frameOffset
    for (const [register, offset] of row.saved) registers.set(register, readWord(memory, frame + offset))
    registers.set(stackRegister, frame)
    if (!row.saved.has(row.returnRegister)) return
    address = registers.get(row.returnRegister) ?? 0
  }
}

/** 0, which is no address, for a word that cannot be read. */
function readWord(memory: RemoteMemory, address: number): number {
  const [bytes] = memory.readMany([{ address, length: 8 }])
  return bytes === undefined ? 0 : Number(stripSignature(bytes.readBigUInt64LE()))
}

/** arm64 may sign return addresses in bits that no address has. */
function stripSignature(address: bigint): bigint {
  return process.arch === 'arm64' ? address & 0xffff_ffff_ffffn : address
}
