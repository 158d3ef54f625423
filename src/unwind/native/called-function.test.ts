// Instructions as they stand in Debian's python3.14 for arm64: `bl read@plt`, and the entry for `read`.

import { describe, expect, test } from 'vitest'
import { FakeMemory } from '../../../test/fake-memory.js'
import { isBehindCall, readCalledFunction } from './called-function.js'

const READ = 0xffff_904f_78c0
const CALL = 0x6c9a04
const ENTRY = 0x422490
const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes
}
/** adrp x16, 0xb00000 (from the entry's page); ldr x17, [x16, #24]; add x16, x16, #24; br x17 */
const entry = [0xf00036f0, 0xf9400e11, 0x91006210, 0xd61f0220]

function draw(call: number, stub: number[] = entry): FakeMemory {
  const memory = new FakeMemory()
  memory.placeAt(CALL, words(call))
  memory.placeAt(ENTRY, words(...stub, 0))
  const slot = Buffer.alloc(8)
  slot.writeBigUInt64LE(BigInt(READ))
  memory.placeAt(0xb0_1018, slot)
  return memory
}

describe('the function that was called', () => {
  test('is the one in the linkage table', () => {
    expect(readCalledFunction(draw(0x97f562a3), CALL + 4)).toBe(READ)
  })

  test('is found behind a landing pad', () => {
    expect(readCalledFunction(draw(0x97f562a3, [0xd503245f, ...entry]), CALL + 4)).toBe(READ)
  })

  test('is the place itself when that is no entry of a table', () => {
    expect(readCalledFunction(draw(0x97f562a3, [0xd503233f, 0xa9bd7bfd]), CALL + 4)).toBe(ENTRY)
  })

  test('is not known for a call through a register, nor where nothing can be read', () => {
    expect(readCalledFunction(draw(0xd63f0020), CALL + 4)).toBeUndefined()
    expect(readCalledFunction(new FakeMemory(), CALL + 4)).toBeUndefined()
  })
})

test.each([
  [0x97f562a3, true, 'bl'],
  [0xd63f0020, true, 'blr x1'],
  [0xd73f0820, true, 'blraa x1, x0'],
  [0x17f562a3, false, 'b'],
  [0xd65f03c0, false, 'ret'],
  [0xd61f0220, false, 'br x17'],
])('%o before a return address: %o (%s)', (instruction, isCall) => {
  expect(isBehindCall(draw(instruction), CALL + 4)).toBe(isCall)
})
