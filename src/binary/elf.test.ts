import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  buildElf,
  DATA_ADDRESS,
  DATA_OFFSET,
  DYNAMIC_OFFSET,
  RUNTIME_ADDRESS,
  SECTIONS_OFFSET,
  sourceOf,
  TEXT_ADDRESS,
} from '../../test/elf-builder.js'
import { readMaps } from '../process/maps.js'
import { findDynamicSymbols, findSection, loadBias, parseElf } from './elf.js'

const symbols = { _PyRuntime: RUNTIME_ADDRESS, _Py: 1, malloc: 0, _PyRuntime_Initialize: 5 }

test('anything else than ELF64 little-endian is not ELF', () => {
  const file = buildElf()
  expect(parseElf(sourceOf(Buffer.alloc(0)))).toBeUndefined()
  expect(parseElf(sourceOf(file.subarray(0, 63)))).toBeUndefined()
  expect(parseElf(sourceOf(Buffer.from(`#!/bin/sh\n${' '.repeat(100)}`)))).toBeUndefined()
  for (const at of [0, 4, 5]) {
    const other = Buffer.from(file)
    other[at] = 9
    expect(parseElf(sourceOf(other))).toBeUndefined()
  }
})

describe('a built file', () => {
  test('has its sections, by their addresses', () => {
    const elf = parseElf(sourceOf(buildElf({ symbols })))!
    expect(elf.sections.map(({ name }) => name)).toEqual(['', '.dynsym', '.dynstr', '.PyRuntime', '.shstrtab'])
    expect(findSection(elf, '.PyRuntime')).toMatchObject({
      address: RUNTIME_ADDRESS,
      offset: DATA_OFFSET + 0x40,
      size: 0x80,
    })
    expect(findSection(elf, '.PyRun')).toBeUndefined()
  })

  test.each([
    ['by section headers', false],
    ['by the dynamic segment', true],
  ])('has its symbols, %s', (_, stripped) => {
    const elf = parseElf(sourceOf(buildElf({ symbols, stripped })))!
    expect(elf.sections.length).toBe(stripped ? 0 : 5)
    expect(findDynamicSymbols(elf, ['_PyRuntime', '_Py', 'malloc', 'absent'])).toEqual(
      new Map([
        ['_Py', 1],
        ['_PyRuntime', RUNTIME_ADDRESS],
      ]),
    )
  })

  test('is placed by any mapping of either segment', () => {
    const elf = parseElf(sourceOf(buildElf()))!
    const base = 0x7f00_0000_0000
    expect(loadBias(elf, { start: base + TEXT_ADDRESS, offset: 0 })).toBe(base)
    expect(loadBias(elf, { start: base + DATA_ADDRESS, offset: DATA_OFFSET })).toBe(base)
    expect(loadBias(elf, { start: TEXT_ADDRESS, offset: 0 })).toBe(0)
    expect(loadBias(elf, { start: base, offset: 0x8000 })).toBeUndefined()
  })
})

test('a page in which one segment ends and the next begins is mapped twice', () => {
  const file = buildElf()
  // The first segment now ends within the page with which the second one begins.
  for (const at of [96, 104]) file.writeBigUInt64LE(BigInt(DATA_OFFSET + 0x10), at)
  const elf = parseElf(sourceOf(file))!
  expect(loadBias(elf, { start: DATA_ADDRESS, offset: DATA_OFFSET })).toBe(0)
  expect(loadBias(elf, { start: TEXT_ADDRESS + 0x1000, offset: 0x1000 })).toBe(0)
})

describe('a broken file', () => {
  const broken = (edit: (file: Buffer) => void) => {
    const file = buildElf({ symbols })
    edit(file)
    return file
  }

  test.each([
    ['too many headers', broken((file) => file.writeUInt16LE(0xffff, 56))],
    ['program headers cut off', broken((file) => file.writeBigUInt64LE(1n << 40n, 32))],
    ['section names too long', broken((file) => file.writeBigUInt64LE(1n << 40n, SECTIONS_OFFSET + 4 * 64 + 32))],
  ])('says what is wrong: %s', (text, file) => {
    expect(() => parseElf(sourceOf(file))).toThrow(
      expect.objectContaining({ code: 'RUNTIME_CORRUPT', message: `broken ELF file: ${text}` }),
    )
  })

  test('has no sections when their headers are cut off', () => {
    expect(parseElf(sourceOf(buildElf({ symbols }).subarray(0, SECTIONS_OFFSET)))?.sections).toEqual([])
  })

  test('refuses a symbol table that cannot be', () => {
    const elf = parseElf(sourceOf(broken((file) => file.writeBigUInt64LE(1n << 40n, SECTIONS_OFFSET + 64 + 32))))!
    expect(() => findDynamicSymbols(elf, ['x'])).toThrow(expect.objectContaining({ code: 'RUNTIME_CORRUPT' }))
  })

  test('finds no symbols by a dynamic segment that leads nowhere', () => {
    const file = buildElf({ symbols, stripped: true })
    file.writeBigUInt64LE(1n << 40n, DYNAMIC_OFFSET + 8)
    expect(findDynamicSymbols(parseElf(sourceOf(file))!, ['_PyRuntime'])).toEqual(new Map())
  })
})

test('the executable of this very process is where the kernel has put it', () => {
  const file = fs.readFileSync(process.execPath)
  const elf = parseElf(sourceOf(file))!
  expect(findSection(elf, '.text')).toBeDefined()
  expect(elf.segments.filter(({ type }) => type === 1).length).toBeGreaterThan(1)
  const [first, ...others] = readMaps(process.pid).filter(({ path }) => path === process.execPath)
  const bytes = Math.max(...elf.segments.map(({ address, memorySize }) => address + memorySize))
  // V8 maps its built-in functions a second time, far away from the rest.
  const near = others.filter(({ start }) => start - first!.start < bytes)
  expect(near.length).toBeGreaterThan(0)
  for (const mapping of near) expect(loadBias(elf, mapping)).toBe(loadBias(elf, first!))
})

test('symbols are the same with and without section headers in a real file', () => {
  const file = fs.readFileSync(process.execPath)
  const names = ['napi_create_object', 'uv_version', 'node_api_symbol_for', 'no_such_symbol']
  const whole = findDynamicSymbols(parseElf(sourceOf(file))!, names)
  expect(whole.size).toBeGreaterThan(0)
  file.writeBigUInt64LE(0n, 40)
  file.writeUInt16LE(0, 60)
  const stripped = parseElf(sourceOf(file))!
  expect(stripped.sections).toEqual([])
  expect(findDynamicSymbols(stripped, names)).toEqual(whole)
})
