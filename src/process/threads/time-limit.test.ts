import { expect, test } from 'vitest'
import type { RemoteMemory } from '../../memory/remote-memory.js'
import { readTimeLimit } from './time-limit.js'

const sleepOf = (seconds: bigint, nanoseconds: bigint): number | undefined => {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(seconds, 0)
  bytes.writeBigInt64LE(nanoseconds, 8)
  const memory = { readMany: () => [bytes] } as unknown as RemoteMemory
  const call = { number: 0, name: 'nanosleep', arguments: [1n], stackPointer: 0n, programCounter: 0n }
  return readTimeLimit(memory, call)?.ms
}

test('a time on the stack of a thread that has moved on is none', () => {
  expect(sleepOf(1n, 500_000_000n)).toBe(1500)
  expect(sleepOf(10_000_000_000n, 0n)).toBe(10_000_000_000_000)
  expect(sleepOf(140_723_164_481_524n, 0n)).toBeUndefined()
  expect(sleepOf(10_000_000_001n, 0n)).toBeUndefined()
  expect(sleepOf(-1n, 0n)).toBeUndefined()
  expect(sleepOf(1n, 1_000_000_000n)).toBeUndefined()
})
