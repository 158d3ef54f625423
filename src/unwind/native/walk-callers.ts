// The native callers of a thread that is blocked in a system call, innermost first, from the rules that compilers leave
// in each file. Without a stop only the stack pointer is known, and what functions further in have saved on the stack: on
// x86-64 that is enough for the way out of the C library, which is what is asked for. On arm64 a function that calls no
// other has its return address in a register, which only a stop shows (see `interrupted-call.ts`); without one, the
// chain of frame records still names the files, if the compiler has laid them all.

import { type Elf, findFunctions } from '../../binary/elf.js'
import { findUnwindRow } from '../../binary/unwind-row.js'
import type { RemoteMemory } from '../../memory/remote-memory.js'
import { findMapping, type Mapping } from '../../process/maps.js'
import type { SystemCall } from '../../process/threads/threads.js'
import { type CallConvention, callConventionOf } from './call-convention.js'
import { isBehindCall } from './called-function.js'

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

const MAX_CALLERS = 32

interface WalkOptions {
  readonly mappings: readonly Mapping[]
  openElf(mapping: Mapping): MappedElf | undefined
  /** The registers of the thread, by DWARF's numbers, where it was stopped to see them. */
  readonly registers?: ReadonlyMap<number, number> | undefined
  /** That of this machine, if none is given. */
  readonly convention?: CallConvention
}

/** Ends where the way cannot be followed any more. */
export function* walkCallers(
  call: SystemCall,
  memory: RemoteMemory,
  { mappings, openElf, registers: known = new Map(), convention = callConventionOf() }: WalkOptions,
): Generator<Caller> {
  const { stackRegister } = convention
  /** What is known of the registers: at first what is given and the stack pointer, then also what lies on the stack. */
  const registers = new Map([...known, [stackRegister, Number(call.stackPointer)]])
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
    for (const [register, offset] of row.saved) registers.set(register, readWord(memory, frame + offset, convention))
    registers.set(stackRegister, frame)
    // Only the innermost function can do without saving it.
    if (!row.saved.has(row.returnRegister) && count > 0) return
    const back = registers.get(row.returnRegister)
    if (back === undefined) return file && (yield* walkRecords(call, memory, { mappings, file, convention }))
    address = back
  }
}

interface RecordOptions {
  readonly mappings: readonly Mapping[]
  readonly file: MappedElf
  readonly convention: CallConvention
}

/**
 * Without the return address, by the records of frame and return address that functions of arm64 lay on the stack and
 * chain. They skip the caller of the innermost function: it must be known to lie in the same file.
 */
function* walkRecords(
  { programCounter, stackPointer }: SystemCall,
  memory: RemoteMemory,
  { mappings, file: { elf, bias }, convention }: RecordOptions,
): Generator<Caller> {
  const place = Number(programCounter) - bias
  if (findFunctions(elf).some(({ start, end }) => place > start && place <= end)) return
  let at = Number(stackPointer)
  for (let count = 0; count < MAX_CALLERS; count++) {
    const address = readWord(memory, at + 8, convention)
    const mapping = findMapping(mappings, address)
    if (mapping?.permissions[2] !== 'x' || !isBehindCall(memory, address)) return
    yield { address, mapping }
    const next = readWord(memory, at, convention)
    if (next <= at) return
    at = next
  }
}

/** 0, which is no address, for a word that cannot be read. */
function readWord(memory: RemoteMemory, address: number, convention: CallConvention): number {
  const [bytes] = memory.readMany([{ address, length: 8 }])
  return bytes === undefined ? 0 : Number(convention.toAddress(bytes.readBigUInt64LE()))
}
