// In a process made up for the test, of whose files only the memory is left. Where the section is found in files is
// tested on live processes (test/integration/read/tasks.test.ts).

import { expect, test } from 'vitest'
import { buildElf, DATA_OFFSET, TEXT_ADDRESS } from '../../../test/elf-builder.js'
import { FakeMemory } from '../../../test/fake-memory.js'
import { type OpenImage, openImages } from '../../../test/images/open-image.js'
import type { Mapping } from '../../process/maps.js'
import { findAsyncioOffsets } from './find-asyncio-offsets.js'

const [image] = openImages() as [OpenImage]
const interpreterBytes = image.runtime.offsets.interpreter_state.size
const BASE = 0x7000_0000
const DATA = BASE + TEXT_ADDRESS + 0x5000

function table(interpreter = interpreterBytes): Buffer {
  const words = [168, 136, 96, 108, 109, 128, 152, interpreter, 10_000, 1200, 1000, 1008, 1016]
  const bytes = Buffer.alloc(words.length * 8)
  words.forEach((word, index) => void bytes.writeBigUInt64LE(BigInt(word), index * 8))
  return bytes
}

/** Finds the offsets where these tables lie in the writable part of a file without section headers. */
function find(tables: Readonly<Record<number, Buffer>>, permissions = 'rw-p') {
  const memory = new FakeMemory()
  const elf = buildElf({ stripped: true })
  memory.placeAt(BASE + TEXT_ADDRESS, elf.subarray(0, 0x1000))
  memory.placeAt(DATA, elf.subarray(DATA_OFFSET, DATA_OFFSET + 0x1000))
  for (const [offset, bytes] of Object.entries(tables)) memory.placeAt(DATA + Number(offset), bytes)
  const common = { device: 'fe:00', inode: 1, path: '/srv/_asyncio.so', deleted: true }
  const mappings: Mapping[] = [
    { ...common, start: BASE + TEXT_ADDRESS, end: BASE + TEXT_ADDRESS + 0x1000, permissions: 'r-xp', offset: 0 },
    { ...common, start: DATA, end: DATA + 0x1000, permissions, offset: DATA_OFFSET },
  ]
  return findAsyncioOffsets(0, { ...image.runtime, memory }, mappings)
}

test('by its sense, in writable memory', () => {
  expect(find({ 512: table() })?.thread_state.size).toBe(1200)
  expect(find({ 512: table() }, 'r--p')).toBeUndefined()
})

test('only where a table can be, and only one that is this interpreter’s', () => {
  expect(find({})).toBeUndefined()
  expect(find({ 520: table() })).toBeUndefined()
  expect(find({ 512: table(interpreterBytes + 8) })).toBeUndefined()
  // The number alone, at the very beginning and end of what is searched, and in words that make no sense.
  const word = table().subarray(56, 64)
  expect(find({ 0: word, 4088: word, 256: Buffer.concat([Buffer.alloc(56), word]), 1024: table() })).toBeDefined()
})

test('nothing is mapped', () => {
  expect(findAsyncioOffsets(0, image.runtime, [])).toBeUndefined()
})
