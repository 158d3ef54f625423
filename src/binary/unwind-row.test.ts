import fs from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RemoraError } from '../errors/remora-error.js'
import { readMaps } from '../process/maps.js'
import { findFunctions, parseElf } from './elf.js'
import { EncodedBytes } from './encoded-bytes.js'
import { findUnwindRow } from './unwind-row.js'

const library = readMaps(process.pid).find(({ path }) => /\/(libc|ld-musl)[-.]/.test(path))?.path ?? process.execPath
const file = fs.readFileSync(library)
const open = (bytes: Buffer) => parseElf((offset, length) => bytes.subarray(offset, offset + length))
const functions = findFunctions(open(file)!)
const named = (name: string) => functions.find((one) => one.name === name)!

test('functions are found with their ends', () => {
  const read = named('read')
  expect(read.end).toBeGreaterThan(read.start)
})

test.runIf(process.arch === 'x64')('at the first instruction the return address is on top of the stack', () => {
  for (const name of ['read', 'poll', 'sem_wait', 'getaddrinfo', 'qsort', 'fopen']) {
    const row = findUnwindRow(open(file)!, named(name).start)
    expect(row, name).toMatchObject({ frameRegister: 7, frameOffset: 8, returnRegister: 16 })
    expect(row?.saved, name).toEqual(new Map([[16, -8]]))
  }
})

test.runIf(process.arch === 'x64')('further on registers are saved in the frame', () => {
  const { start, end } = named('getaddrinfo')
  const rows = Array.from({ length: end - start }, (_, at) => findUnwindRow(open(file)!, start + at))
  expect(Math.max(...rows.map((row) => row?.saved.size ?? 0))).toBeGreaterThan(4)
})

test('there is none where there is no code', () => {
  expect(findUnwindRow(open(file)!, 1)).toBeUndefined()
  expect(findUnwindRow(open(file)!, 2 ** 40)).toBeUndefined()
})

test('broken tables give a row, nothing, or an error of ours, and always an end', () => {
  const elf = open(file)!
  const header = elf.segments.find(({ type }) => type === 0x6474e550)!
  const size = Math.min(64 * 1024, file.length - header.offset)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { minLength: 1, maxLength: 200 }), (flips) => {
      const broken = Buffer.from(file)
      for (const [at, value] of flips) broken[header.offset + at] = value
      try {
        const row = findUnwindRow(open(broken)!, named('read').start + 1)
        expect(row === undefined || Number.isFinite(row.frameOffset)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(RemoraError)
      }
    }),
    { numRuns: 50 },
  )
})

test('numbers of variable length', () => {
  const bytes = new EncodedBytes(Buffer.from([0x7f, 0xe5, 0x8e, 0x26, 0x78, 0x80, 0x7f, 0x41]), 0x1000)
  expect([bytes.uleb(), bytes.uleb(), bytes.sleb(), bytes.sleb()]).toEqual([127, 624485, -8, -128])
  expect([bytes.address, bytes.u8(), bytes.ended, bytes.u32(), bytes.overrun]).toEqual([0x1007, 0x41, true, 0, true])
})
