// Which function a call instruction leads to, on arm64: where a function ends in a call, compilers make it a jump, and
// then the stack has no trace of it (glibc's `read` goes that way). The instruction before a return address tells,
// together with the entry of the linkage table through which calls into other files go.
// Follows the Arm Architecture Reference Manual, "A64 base instructions", and the ELF ABI for AArch64.

import type { RemoteMemory } from '../../memory/remote-memory.js'

const INSTRUCTION_BYTES = 4
/** Of one entry: perhaps a landing pad, then `adrp x16`, `ldr x17`, `add x16` and `br x17`. */
const STUB_BYTES = 5 * INSTRUCTION_BYTES
const LANDING_PAD = 0xd503245f
const PAGE_BYTES = 4096

/** Address of the function that was called before `returnAddress`; undefined when that cannot be told. */
export function readCalledFunction(memory: RemoteMemory, returnAddress: number): number | undefined {
  const at = returnAddress - INSTRUCTION_BYTES
  const call = readBytes(memory, at, INSTRUCTION_BYTES)?.readUInt32LE()
  // bl: 26 bits, in instructions.
  if (call === undefined || call >>> 26 !== 0b100101) return undefined
  const entry = at + toSigned(call & 0x3ff_ffff, 26) * INSTRUCTION_BYTES
  const stub = readBytes(memory, entry, STUB_BYTES)
  if (stub === undefined) return undefined
  const skipped = stub.readUInt32LE() === LANDING_PAD ? INSTRUCTION_BYTES : 0
  const slot = findSlot(stub.readUInt32LE(skipped), stub.readUInt32LE(skipped + INSTRUCTION_BYTES), entry + skipped)
  const target = slot === undefined ? undefined : readBytes(memory, slot, 8)
  // A function of the same file is called without a table.
  return target === undefined ? entry : Number(target.readBigUInt64LE())
}

/** Whether the instruction before is a call, as it is before every return address: `bl`, `blr` or a signed form of it. */
export function isBehindCall(memory: RemoteMemory, address: number): boolean {
  const call = readBytes(memory, address - INSTRUCTION_BYTES, INSTRUCTION_BYTES)?.readUInt32LE()
  return call !== undefined && (call >>> 26 === 0b100101 || (call & 0xfefff000) >>> 0 === 0xd63f0000)
}

/** The word from which `adrp x16, PAGE` at `address` and `ldr x17, [x16, #OFFSET]` take the function's address. */
function findSlot(adrp: number, load: number, address: number): number | undefined {
  if ((adrp & 0x9f00001f) >>> 0 !== 0x90000010 || (load & 0xffc003ff) >>> 0 !== 0xf9400211) return undefined
  const pages = toSigned((((adrp >>> 5) & 0x7_ffff) << 2) | ((adrp >>> 29) & 3), 21)
  return address - (address % PAGE_BYTES) + pages * PAGE_BYTES + ((load >>> 10) & 0xfff) * 8
}

function toSigned(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits)
}

function readBytes(memory: RemoteMemory, address: number, length: number): Buffer | undefined {
  return memory.readMany([{ address, length }])[0]
}
