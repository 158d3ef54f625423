import { describe, expect, test } from 'vitest'
import type { SystemCall } from '../threads/threads.js'
import { ARM64, registersOf, X64 } from './interrupted-call.js'

const call: SystemCall = {
  number: 230,
  name: 'clock_nanosleep',
  arguments: [5n, 0n, 0n, 0n, 0n, 0n],
  stackPointer: 0x7ffe_0000_1000n,
  programCounter: 0x7f00_0000_2000n,
}

describe('x64', () => {
  const x64 = registersOf('x64')!
  const registers = (result: bigint, number = 230n): Buffer => {
    const bytes = Buffer.alloc(27 * 8)
    bytes.writeBigInt64LE(result, X64.rax)
    bytes.writeBigInt64LE(number, X64.origRax)
    bytes.writeBigUInt64LE(call.programCounter, X64.rip)
    bytes.writeBigUInt64LE(call.stackPointer, X64.rsp)
    return bytes
  }

  test.each([-512n, -514n, -516n, -4n])('%s is no result of the call itself', (result) => {
    expect(x64.isIn(registers(result), call)).toBe(true)
  })

  test('a sleep that goes on after a stop is the same call', () => {
    expect(x64.isIn(registers(-516n, 219n), call)).toBe(true)
  })

  test.each([0n, -11n, -513n])('%s is one', (result) => {
    expect(x64.isIn(registers(result), call)).toBe(false)
  })

  test.each([
    ['number', { number: 35 }],
    ['stack', { stackPointer: 0n }],
    ['place', { programCounter: 0n }],
  ])('another %s is another call', (_, other) => {
    expect(x64.isIn(registers(-516n), { ...call, ...other })).toBe(false)
  })

  test('the call returns EINTR and is not made again', () => {
    const bytes = registers(-516n)
    x64.interrupt(bytes, call)
    expect([bytes.readBigInt64LE(X64.rax), bytes.readBigInt64LE(X64.origRax)]).toEqual([-4n, -1n])
    expect(bytes.readBigUInt64LE(X64.rip)).toBe(call.programCounter)
  })
})

describe('arm64', () => {
  const arm64 = registersOf('arm64')!
  const registers = ({ x0, pc, x8 = 230n }: { x0: bigint; pc: bigint; x8?: bigint }): Buffer => {
    const bytes = Buffer.alloc(34 * 8)
    bytes.writeBigInt64LE(x0, ARM64.x0)
    bytes.writeBigInt64LE(x8, ARM64.x8)
    bytes.writeBigInt64LE(0x1234n, ARM64.x30)
    bytes.writeBigUInt64LE(call.stackPointer, ARM64.sp)
    bytes.writeBigUInt64LE(pc, ARM64.pc)
    return bytes
  }
  const toBeMade = { x0: 5n, pc: call.programCounter - 4n }
  const ended = { x0: -4n, pc: call.programCounter }

  test.each([toBeMade, { ...toBeMade, x8: 128n }, ended])('the call returns EINTR: %o', (state) => {
    const bytes = registers(state)
    expect(arm64.isIn(bytes, call)).toBe(true)
    arm64.interrupt(bytes, call)
    expect(bytes).toEqual(registers({ ...state, ...ended }))
  })

  test.each([
    { ...toBeMade, x0: 6n },
    { ...toBeMade, x8: 63n },
    { ...ended, x0: 0n },
    { x0: 5n, pc: call.programCounter },
  ])('the thread is elsewhere: %o', (state) => {
    expect(arm64.isIn(registers(state), call)).toBe(false)
  })

  test('a look finds the return address, and leaves the call as it was', () => {
    const bytes = registers(ended)
    expect(arm64.look?.read(bytes).get(30)).toBe(0x1234)
    expect(arm64.look?.resume(bytes, call)).toBe(true)
    expect(bytes).toEqual(registers(toBeMade))
    expect(arm64.look?.resume(bytes, call)).toBe(false)
  })
})

test('other architectures are not known', () => {
  expect(registersOf('riscv64')).toBeUndefined()
})
