// The walk on arm64, where a function that calls no other keeps its return address in a register. On x86-64, and on
// whole processes, it is tested by test/integration/wait/nudge-table.test.ts.

import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FakeMemory, structure } from '../../../test/fake-memory.js'
import { parseElf } from '../../binary/elf.js'
import type { Mapping } from '../../process/maps.js'
import { callConventionOf } from './call-convention.js'
import { walkCallers } from './walk-callers.js'

/** Made of test/programs/leaf_arm64.s. */
const file = fs.readFileSync(fileURLToPath(new URL('../../../test/images/leaf-arm64.so', import.meta.url)))
const elf = parseElf((offset, length) => file.subarray(offset, offset + length))!
/** Behind the call in `saves`, and behind the system calls in `hidden` and `exported`. */
const [IN_SAVES, IN_HIDDEN, IN_EXPORTED] = [0x200, 0x210, 0x218]

const LIBRARY = 0xffff_9000_0000
const PROGRAM = 0x40_0000
const STACK = 0xffff_f000_0000
const SIGNATURE = 0x5a_0000_0000_0000n
const BRANCH_WITH_LINK = 0x94000001

const memory = new FakeMemory()
memory.placeAt(LIBRARY, file)
memory.placeAt(PROGRAM, Buffer.from(Uint32Array.of(BRANCH_WITH_LINK).buffer))
// The record that `saves` has laid, with a signed return address.
memory.placeAt(STACK, structure(32, { 0: STACK + 32, 8: BigInt(PROGRAM + 4) | SIGNATURE }))

const mapping = (start: number, path: string): Mapping => ({
  start,
  end: start + 0x1000,
  permissions: 'r-xp',
  offset: 0,
  device: 'fe:00',
  inode: start,
  path,
  deleted: false,
})
const mappings = [mapping(PROGRAM, 'program'), mapping(LIBRARY, 'library')]

function walk(place: number, registers?: ReadonlyMap<number, number>): string[] {
  const call = {
    number: 63,
    name: 'read',
    arguments: [],
    stackPointer: BigInt(STACK),
    programCounter: BigInt(LIBRARY + place),
  }
  const openElf = ({ path }: Mapping) => (path === 'library' ? { elf, bias: LIBRARY } : undefined)
  const callers = [
    ...walkCallers(call, memory, { mappings, openElf, registers, convention: callConventionOf('arm64') }),
  ]
  return callers.map(({ address, mapping: { path, start } }) => `${path}+0x${(address - start).toString(16)}`)
}

test('begins with the registers of a stopped thread', () => {
  const registers = new Map([[30, LIBRARY + IN_SAVES]])
  expect(walk(IN_HIDDEN, registers)).toEqual(['library+0x210', 'library+0x200', 'program+0x4'])
})

test('without them, follows the records from a function that only its own file calls', () => {
  expect(walk(IN_HIDDEN)).toEqual(['library+0x210', 'program+0x4'])
})

test('without them, does not know who called a function that everybody can', () => {
  expect(walk(IN_EXPORTED)).toEqual(['library+0x218'])
})
