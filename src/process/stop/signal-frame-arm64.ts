// The signal frame of arm64 (see `signal-detour.ts`). A thread in a system call has no vector state beyond the 128 bits of
// each register, whatever extensions the processor has, so that is all there is to bring back.
// Follows arch/arm64/kernel/signal.c and uapi/asm/sigcontext.h of Linux 6.1; tried on 7.2.

import { ARM64 } from './interrupted-call.js'
import type { Detour, SignalFrames } from './signal-detour.js'

const NT_PRFPREG = 2
const FLOATING_POINT_BYTES = 528
const VECTOR_BYTES = 512

/** Offsets in `struct rt_sigframe`: siginfo first, then the context with the mask, the registers and the records. */
const FRAME = { mask: 168, registers: 312, records: 592, bytes: 4688 }
const RECORD = { magic: 0, size: 4, status: 8, control: 12, vectors: 16 }
const FPSIMD_MAGIC = 0x46508001

/** Bits of the processor state that a function may not find set: kind of branch, and no check of memory tags. */
const STATE_TO_CLEAR = (3n << 10n) | (1n << 25n)

export const arm64SignalFrames: SignalFrames = {
  floatingPointSet: NT_PRFPREG,
  // mov x8, #139; svc #0
  restorerCode: Buffer.from([0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4]),
  restorerPath: /^\[vdso\]$/,
  prepareDetour({ registers, floatingPoint, signalMask }, detour) {
    if (floatingPoint.length !== FLOATING_POINT_BYTES) return undefined
    const stackPointer = Number(registers.readBigUInt64LE(ARM64.sp))
    const frameAt = stackPointer - (stackPointer % 16) - FRAME.bytes
    const frame = Buffer.alloc(FRAME.bytes)
    signalMask.copy(frame, FRAME.mask)
    // x0 to x30, stack pointer, program counter and state, in this order on both sides.
    registers.copy(frame, FRAME.registers, 0, ARM64.pstate + 8)
    writeFloatingPoint(frame.subarray(FRAME.records), floatingPoint)
    return { frame, frameAt, registers: toEntryRegisters(registers, detour, frameAt) }
  },
}

function writeFloatingPoint(record: Buffer, floatingPoint: Buffer): void {
  record.writeUInt32LE(FPSIMD_MAGIC, RECORD.magic)
  record.writeUInt32LE(FLOATING_POINT_BYTES, RECORD.size)
  floatingPoint.copy(record, RECORD.status, VECTOR_BYTES, VECTOR_BYTES + 8)
  floatingPoint.copy(record, RECORD.vectors, 0, VECTOR_BYTES)
  // A record of zeros, which lies there already, ends the list.
}

function toEntryRegisters(registers: Buffer, detour: Detour, stackPointer: number): Buffer {
  const entry = Buffer.from(registers)
  const [first, second] = detour.arguments
  entry.writeBigUInt64LE(BigInt(first), ARM64.x0)
  entry.writeBigUInt64LE(BigInt(second), ARM64.x1)
  entry.writeBigUInt64LE(BigInt(detour.restorer), ARM64.x30)
  entry.writeBigUInt64LE(BigInt(stackPointer), ARM64.sp)
  entry.writeBigUInt64LE(BigInt(detour.function), ARM64.pc)
  entry.writeBigUInt64LE(registers.readBigUInt64LE(ARM64.pstate) & ~STATE_TO_CLEAR, ARM64.pstate)
  return entry
}
