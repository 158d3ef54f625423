import { describe, expect, test } from 'vitest'
import { registersOf, X64 } from './interrupted-call.js'
import type { SystemCall } from './threads.js'

const call: SystemCall = {
  number: 230,
  name: 'clock_nanosleep',
  arguments: [5n, 0n, 0n, 0n, 0n, 0n],
  stackPointer: 0x7ffe_0000_1000n,
  programCounter: 0x7f00_0000_2000n,
}

describe('x64', () => {
  const x64 = registersOf('x64')!
  const registers = (result: bigint): Buffer => {
    const bytes = Buffer.alloc(27 * 8)
    bytes.writeBigInt64LE(result, X64.rax)
    bytes.writeBigInt64LE(230n, X64.origRax)
    bytes.writeBigUInt64LE(call.programCounter, X64.rip)
    bytes.writeBigUInt64LE(call.stackPointer, X64.rsp)
    return bytes
  }

  test.each([-512n, -514n, -516n, -4n])('%s is no result of the call itself', (result) => {
    expect(x64.isIn(registers(result), call)).toBe(true)
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
    x64.interrupt(bytes)
    expect([bytes.readBigInt64LE(X64.rax), bytes.readBigInt64LE(X64.origRax)]).toEqual([-4n, -1n])
    expect(bytes.readBigUInt64LE(X64.rip)).toBe(call.programCounter)
  })
})

test('on arm64 the kernel has gone back to the instruction that makes the call, and it is passed over', () => {
  const arm64 = registersOf('arm64')!
  const bytes = Buffer.alloc(34 * 8)
  bytes.writeBigUInt64LE(5n, 0)
  bytes.writeBigUInt64LE(230n, 64)
  bytes.writeBigUInt64LE(call.stackPointer, 248)
  bytes.writeBigUInt64LE(call.programCounter - 4n, 256)
  expect(arm64.isIn(bytes, call)).toBe(true)
  arm64.interrupt(bytes)
  expect([bytes.readBigInt64LE(0), bytes.readBigUInt64LE(256)]).toEqual([-4n, call.programCounter])
  expect(arm64.isIn(bytes, call)).toBe(false)
})

test('other architectures are not known', () => {
  expect(registersOf('riscv64')).toBeUndefined()
})
