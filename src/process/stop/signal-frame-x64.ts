// The signal frame of x86-64 (see `signal-detour.ts`).
// Follows arch/x86/kernel/signal_64.c and fpu/signal.c of Linux 6.1.

import { X64 } from './interrupted-call.js'
import type { Detour, PreparedDetour, SignalFrames, ThreadContext } from './signal-detour.js'

const NT_X86_XSTATE = 0x202

/** Below the stack pointer, leaf functions keep values there without saying so. */
const RED_ZONE_BYTES = 128
const UCONTEXT_BYTES = 304
const SIGINFO_BYTES = 128
const XSTATE_ALIGNMENT = 64
const XSTATE_END_BYTES = 4

const UC_FP_XSTATE = 1n
const UC_SIGCONTEXT_SS = 2n
const UC_STRICT_RESTORE_SS = 4n
/** Neither on nor off: the kernel refuses to change the alternate stack to this, and goes on. */
const NO_ALTERNATE_STACK_CHANGE = 3

const FP_XSTATE_MAGIC1 = 0x46505853
const FP_XSTATE_MAGIC2 = 0x46505845
/** Where the extended state keeps what software says about it, and its header. */
const SOFTWARE_BYTES_AT = 464
const SOFTWARE_BYTES = 48
const HEADER_AT = 512
const MIN_XSTATE_BYTES = 576
/** End of all that is not AMX. Its tiles, where a thread does not use them, would make the state larger than allowed. */
const XSTATE_BYTES_WITHOUT_AMX = 2696
const AMX_FEATURES = (1n << 17n) | (1n << 18n)

/** Bits of the flags register that a function may not find set: direction and single step. */
const FLAGS_TO_CLEAR = (1n << 10n) | (1n << 8n)

export const x64SignalFrames: SignalFrames = {
  floatingPointSet: NT_X86_XSTATE,
  // mov $15, %rax; syscall
  restorerCode: Buffer.from([0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05]),
  restorerPath: /\/(libc|ld-musl)[-.]/,
  prepareDetour,
}

function prepareDetour(context: ThreadContext, detour: Detour): PreparedDetour | undefined {
  const xstate = toFrameXstate(context.floatingPoint)
  if (xstate === undefined) return undefined
  const stackPointer = Number(context.registers.readBigUInt64LE(X64.rsp))
  const xstateAt = roundDown(stackPointer - RED_ZONE_BYTES - xstate.length, XSTATE_ALIGNMENT)
  // As after a call: the return address lies eight bytes below a multiple of sixteen.
  const frameAt = roundDown(xstateAt - SIGINFO_BYTES - UCONTEXT_BYTES - 8, 16) - 8
  const frame = Buffer.alloc(xstateAt + xstate.length - frameAt)
  frame.writeBigUInt64LE(BigInt(detour.restorer), 0)
  writeUcontext(frame.subarray(8, 8 + UCONTEXT_BYTES), context, xstateAt)
  xstate.copy(frame, xstateAt - frameAt)
  return { frame, frameAt, registers: toEntryRegisters(context.registers, detour, frameAt) }
}

function roundDown(address: number, alignment: number): number {
  return address - (address % alignment)
}

/** The extended state as a signal frame has it: with the marks by which the kernel knows that it is whole. */
function toFrameXstate(xstate: Buffer): Buffer | undefined {
  if (xstate.length < MIN_XSTATE_BYTES) return undefined
  const features = xstate.readBigUInt64LE(HEADER_AT)
  const withAmx = (features & AMX_FEATURES) !== 0n
  const size = withAmx ? xstate.length : Math.min(xstate.length, XSTATE_BYTES_WITHOUT_AMX)
  const bytes = Buffer.alloc(size + XSTATE_END_BYTES)
  xstate.copy(bytes, 0, 0, size)
  bytes.fill(0, SOFTWARE_BYTES_AT, SOFTWARE_BYTES_AT + SOFTWARE_BYTES)
  bytes.writeUInt32LE(FP_XSTATE_MAGIC1, SOFTWARE_BYTES_AT)
  bytes.writeUInt32LE(bytes.length, SOFTWARE_BYTES_AT + 4)
  bytes.writeBigUInt64LE(features, SOFTWARE_BYTES_AT + 8)
  bytes.writeUInt32LE(size, SOFTWARE_BYTES_AT + 16)
  bytes.writeUInt32LE(FP_XSTATE_MAGIC2, size)
  return bytes
}

/** Register by register in the order of `struct sigcontext`: offset in the frame's context, offset in NT_PRSTATUS. */
const CONTEXT_REGISTERS = [
  72, // r8
  64, // r9
  56, // r10
  48, // r11
  24, // r12
  16, // r13
  8, // r14
  0, // r15
  112, // rdi
  104, // rsi
  32, // rbp
  40, // rbx
  96, // rdx
  80, // rax
  88, // rcx
  152, // rsp
  128, // rip
  144, // eflags
]
const CS_AT = 136
const SS_AT = 160

function writeUcontext(ucontext: Buffer, { registers, signalMask }: ThreadContext, xstateAt: number): void {
  ucontext.writeBigUInt64LE(UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, 0)
  ucontext.writeUInt32LE(NO_ALTERNATE_STACK_CHANGE, 24)
  const context = ucontext.subarray(40, 296)
  CONTEXT_REGISTERS.forEach((from, index) => {
    registers.copy(context, index * 8, from, from + 8)
  })
  const segmentsAt = CONTEXT_REGISTERS.length * 8
  context.writeUInt16LE(registers.readUInt16LE(CS_AT), segmentsAt)
  context.writeUInt16LE(registers.readUInt16LE(SS_AT), segmentsAt + 6)
  // Behind the segments: error code, trap number, old mask and fault address, which a return does not read.
  context.writeBigUInt64LE(BigInt(xstateAt), segmentsAt + 40)
  signalMask.copy(ucontext, 296)
}

function toEntryRegisters(registers: Buffer, detour: Detour, stackPointer: number): Buffer {
  const entry = Buffer.from(registers)
  const [first, second] = detour.arguments
  entry.writeBigUInt64LE(BigInt(first), X64.rdi)
  entry.writeBigUInt64LE(BigInt(second), X64.rsi)
  entry.writeBigUInt64LE(0n, X64.rax)
  entry.writeBigInt64LE(-1n, X64.origRax)
  entry.writeBigUInt64LE(BigInt(stackPointer), X64.rsp)
  entry.writeBigUInt64LE(BigInt(detour.function), X64.rip)
  entry.writeBigUInt64LE(registers.readBigUInt64LE(X64.eflags) & ~FLAGS_TO_CLEAR, X64.eflags)
  return entry
}
