// The layout is the kernel's; that a thread really comes back through it is what test/integration/wait/nudge.test.ts shows.

import { expect, test } from 'vitest'
import { X64 } from './interrupted-call.js'
import { x64SignalFrames } from './signal-frame-x64.js'

const STACK_POINTER = 0x7ffe_1234_5678
const registers = Buffer.alloc(27 * 8)
for (let index = 0; index < 27; index++) registers.writeBigUInt64LE(0x1000n + BigInt(index), index * 8)
registers.writeBigUInt64LE(BigInt(STACK_POINTER), X64.rsp)
registers.writeBigUInt64LE(0x546n, X64.eflags)
const detour = { function: 0xaaaa, arguments: [0xbbbb, 0] as const, restorer: 0xcccc }
const signalMask = Buffer.from('0100000000000080', 'hex')

function toXstate(bytes: number, features: bigint): Buffer {
  const xstate = Buffer.alloc(bytes, 0x5a)
  xstate.writeBigUInt64LE(features, 512)
  return xstate
}

const prepare = (xstate: Buffer) =>
  x64SignalFrames.prepareDetour({ registers, floatingPoint: xstate, signalMask }, detour)

test('lies below the red zone, aligned as after a call, and its state as the processor wants it', () => {
  const { frame, frameAt } = prepare(toXstate(2696, 7n))!
  const xstateAt = Number(frame.readBigUInt64LE(8 + 40 + 184))
  expect(frameAt % 16).toBe(8)
  expect(xstateAt % 64).toBe(0)
  expect(frameAt + frame.length).toBeLessThanOrEqual(STACK_POINTER - 128)
  expect(xstateAt + 2696 + 4).toBe(frameAt + frame.length)
})

test('enters the function with the frame as its return', () => {
  const { frame, frameAt, registers: entry } = prepare(toXstate(2696, 7n))!
  expect(frame.readBigUInt64LE(0)).toBe(0xccccn)
  expect(entry.readBigUInt64LE(X64.rsp)).toBe(BigInt(frameAt))
  expect([X64.rip, X64.rdi, X64.rsi].map((at) => entry.readBigUInt64LE(at))).toEqual([0xaaaan, 0xbbbbn, 0n])
  // Neither direction nor single step.
  expect(entry.readBigUInt64LE(X64.eflags)).toBe(0x46n)
  expect(entry.readBigInt64LE(X64.origRax)).toBe(-1n)
})

test('brings every register and the signal mask back', () => {
  const { frame } = prepare(toXstate(2696, 7n))!
  const context = frame.subarray(48)
  // In the order of struct sigcontext: r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, flags.
  const order = [72, 64, 56, 48, 24, 16, 8, 0, 112, 104, 32, 40, 96, 80, 88, 152, 128, 144]
  expect(order.map((_, index) => context.readBigUInt64LE(index * 8))).toEqual(
    order.map((at) => registers.readBigUInt64LE(at)),
  )
  expect([context.readUInt16LE(144), context.readUInt16LE(150)]).toEqual([0x1011, 0x1014])
  expect(frame.subarray(8 + 296, 8 + 304)).toEqual(signalMask)
})

test('leaves out the tiles of a thread that does not use them, and a state that is too short', () => {
  const plain = prepare(toXstate(11_008, 7n))!
  const tiled = prepare(toXstate(11_008, 7n | (1n << 18n)))!
  expect(tiled.frame.length - plain.frame.length).toBeGreaterThan(8000)
  expect(prepare(Buffer.alloc(512))).toBeUndefined()
})

test('the restorer is the system call rt_sigreturn', () => {
  expect(x64SignalFrames.restorerCode.readInt32LE(3)).toBe(15)
})
