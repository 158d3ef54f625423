// The layout is the kernel's; that a thread really comes back through it is what test/integration/wait/nudge.test.ts shows,
// run on such a machine.

import { expect, test } from 'vitest'
import { ARM64 } from './interrupted-call.js'
import { arm64SignalFrames } from './signal-frame-arm64.js'

const STACK_POINTER = 0xffff_1234_5670
const registers = Buffer.alloc(34 * 8)
for (let index = 0; index < 34; index++) registers.writeBigUInt64LE(0x1000n + BigInt(index), index * 8)
registers.writeBigUInt64LE(BigInt(STACK_POINTER), ARM64.sp)
registers.writeBigUInt64LE(0x6000_0c00n, ARM64.pstate)
const floatingPoint = Buffer.from(Array.from({ length: 528 }, (_, index) => index % 251))
const signalMask = Buffer.from('0100000000000080', 'hex')
const detour = { function: 0xaaaa, arguments: [0xbbbb, 0] as const, restorer: 0xcccc }
const {
  frame,
  frameAt,
  registers: entry,
} = arm64SignalFrames.prepareDetour({ registers, floatingPoint, signalMask }, detour)!

test('lies below the stack pointer, aligned', () => {
  expect([frameAt % 16, frameAt + frame.length]).toEqual([0, STACK_POINTER])
})

test('enters the function with rt_sigreturn as its return', () => {
  const { x0, x1, x30, sp, pc, pstate } = ARM64
  const words = [x0, x1, x30, sp, pc, pstate].map((at) => Number(entry.readBigUInt64LE(at)))
  expect(words).toEqual([0xbbbb, 0, 0xcccc, frameAt, 0xaaaa, 0x6000_0000])
  expect(entry.subarray(2 * 8, 30 * 8)).toEqual(registers.subarray(2 * 8, 30 * 8))
})

test('brings every register, the floating-point state and the signal mask back', () => {
  expect(frame.subarray(168, 176)).toEqual(signalMask)
  expect(frame.subarray(312, 312 + 34 * 8)).toEqual(registers)
  const record = frame.subarray(592)
  expect([record.readUInt32LE(0), record.readUInt32LE(4)]).toEqual([0x46508001, 528])
  expect(record.subarray(8, 16)).toEqual(floatingPoint.subarray(512, 520))
  expect(record.subarray(16, 528)).toEqual(floatingPoint.subarray(0, 512))
  // The end of the records.
  expect(record.subarray(528, 536)).toEqual(Buffer.alloc(8))
})

test('a floating-point state of another size is not known', () => {
  const unknown = { registers, floatingPoint: Buffer.alloc(520), signalMask }
  expect(arm64SignalFrames.prepareDetour(unknown, detour)).toBeUndefined()
})
