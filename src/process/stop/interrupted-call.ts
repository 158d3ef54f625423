// What a thread that was stopped in a system call looks like, and how to make that call return EINTR, as it does when a
// signal handler has run: pure over the bytes of the general registers (NT_PRSTATUS). The registers are judged together
// with what /proc said of the call before the stop, so that only the very call that was looked at is interrupted.

import { ARCHITECTURE } from '../../native/machine.js'
import type { SystemCall } from '../threads/threads.js'

export const NT_PRSTATUS = 1
const EINTR = 4n

/**
 * What the kernel keeps as the result of a call that a signal would end: ERESTARTSYS, ERESTARTNOHAND and
 * ERESTART_RESTARTBLOCK where it makes the call again when there is no signal, EINTR where the stop alone has ended it.
 */
const INTERRUPTED = [-512n, -514n, -516n, -EINTR]

/** Offsets of `struct user_regs_struct` on x86-64, in bytes. */
export const X64 = { rax: 80, rsi: 104, rdi: 112, origRax: 120, rip: 128, eflags: 144, rsp: 152 }

const X64_RESTART_SYSCALL = 219n

/** Offsets of `struct user_pt_regs` on arm64, in bytes. */
export const ARM64 = { x0: 0, x1: 8, x8: 64, x30: 240, sp: 248, pc: 256, pstate: 264 }
/** x0 to x30, which have the same numbers in DWARF. */
const ARM64_REGISTERS = 31
const ARM64_INSTRUCTION_BYTES = 4n
const ARM64_RESTART_SYSCALL = 128n
/** The bits above may hold the signature of a return address. */
export const ARM64_ADDRESS = 0xffff_ffff_ffffn

interface Registers {
  /** Whether the thread stands in `call`, which has not come to a result of its own. */
  isIn(registers: Buffer, call: SystemCall): boolean
  /** Makes the call return EINTR instead. */
  interrupt(registers: Buffer, call: SystemCall): void
  /** Where a function that calls no other leaves its return address in a register, which only a stop shows. */
  readonly look?: Look
}

export interface Look {
  /** What the walk over the stack is to begin with, by DWARF's numbers. */
  read(registers: Buffer): ReadonlyMap<number, number>
  /** Makes `call` go on if the stop itself has ended it, and returns whether it had. */
  resume(registers: Buffer, call: SystemCall): boolean
}

const architectures: Readonly<Record<string, Registers>> = {
  x64: {
    isIn(registers, { number, stackPointer, programCounter }) {
      return (
        isCall(registers.readBigInt64LE(X64.origRax), number, X64_RESTART_SYSCALL) &&
        registers.readBigUInt64LE(X64.rsp) === stackPointer &&
        registers.readBigUInt64LE(X64.rip) === programCounter &&
        INTERRUPTED.includes(registers.readBigInt64LE(X64.rax))
      )
    },
    interrupt(registers) {
      registers.writeBigInt64LE(-EINTR, X64.rax)
      // No system call is under way any more: the kernel is not to look for one to make again.
      registers.writeBigInt64LE(-1n, X64.origRax)
    },
  },
  // Follows do_signal() in arch/arm64/kernel/signal.c of Linux 6.1: before a debugger sees the thread, the kernel has
  // put the program counter back onto the `svc` and the first argument back into x0, unless the stop has ended the call.
  arm64: {
    isIn(registers, call) {
      return (
        isCall(registers.readBigInt64LE(ARM64.x8), call.number, ARM64_RESTART_SYSCALL) &&
        registers.readBigUInt64LE(ARM64.sp) === call.stackPointer &&
        (isEnded(registers, call) || isToBeMade(registers, call))
      )
    },
    interrupt(registers, { programCounter }) {
      registers.writeBigInt64LE(-EINTR, ARM64.x0)
      registers.writeBigUInt64LE(programCounter, ARM64.pc)
    },
    look: {
      read(registers) {
        const numbers = Array.from({ length: ARM64_REGISTERS }, (_, number) => number)
        return new Map(numbers.map((number) => [number, Number(registers.readBigUInt64LE(number * 8) & ARM64_ADDRESS)]))
      },
      resume(registers, call) {
        if (!isEnded(registers, call)) return false
        registers.writeBigUInt64LE(call.arguments[0] ?? 0n, ARM64.x0)
        registers.writeBigUInt64LE(call.programCounter - ARM64_INSTRUCTION_BYTES, ARM64.pc)
        return true
      },
    },
  },
}

/** After a stop, a sleep or a poll goes on by another call in the same place. */
function isCall(found: bigint, number: number, restart: bigint): boolean {
  return found === BigInt(number) || found === restart
}

function isEnded(registers: Buffer, { programCounter }: SystemCall): boolean {
  return registers.readBigUInt64LE(ARM64.pc) === programCounter && registers.readBigInt64LE(ARM64.x0) === -EINTR
}

function isToBeMade(registers: Buffer, { programCounter, arguments: [first = 0n] }: SystemCall): boolean {
  return (
    registers.readBigUInt64LE(ARM64.pc) === programCounter - ARM64_INSTRUCTION_BYTES &&
    registers.readBigUInt64LE(ARM64.x0) === first
  )
}

/** Undefined on architectures whose registers are not known. */
export function registersOf(architecture: string = ARCHITECTURE): Registers | undefined {
  return architectures[architecture]
}
