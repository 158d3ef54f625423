// Builds small ELF64 files for tests: two loadable segments, a dynamic segment with symbols, and section headers or
// none. Layout in the file: headers, dynamic symbols and their strings (read-only), then at `DATA_OFFSET` the writable
// part (the dynamic segment, and room for a runtime), then what no segment holds: section names and headers.

import type { ByteSource } from '../src/binary/elf.js'

export const TEXT_ADDRESS = 0x40_0000
/** Address and file offset of the writable segment: they do not agree modulo anything but the page size. */
export const DATA_ADDRESS = 0x40_5000
export const DATA_OFFSET = 0x2000
/** Where `.PyRuntime` lies, as an address in the file. */
export const RUNTIME_ADDRESS = DATA_ADDRESS + 0x40
const SYMBOLS_OFFSET = 0x200
export const DYNAMIC_OFFSET = DATA_OFFSET
const SECTION_NAMES_OFFSET = 0x3000
export const SECTIONS_OFFSET = 0x3100

export interface ElfOptions {
  /** Dynamic symbols by name; a value of 0 is one that is not defined here. */
  readonly symbols?: Readonly<Record<string, number>>
  /** Leaves the section headers out, as `strip --strip-section-headers` does. */
  readonly stripped?: boolean
  /** What is added to all addresses. */
  readonly base?: number
}

export function buildElf({ symbols = {}, stripped = false, base = 0 }: ElfOptions = {}): Buffer {
  const file = Buffer.alloc(0x4000)
  const strings = Buffer.from(['', ...Object.keys(symbols), ''].join('\0'), 'latin1')
  const symbolTable = buildSymbols(symbols, strings)
  const stringsOffset = SYMBOLS_OFFSET + symbolTable.length
  symbolTable.copy(file, SYMBOLS_OFFSET)
  strings.copy(file, stringsOffset)

  const address = (offset: number) =>
    base + (offset < DATA_OFFSET ? TEXT_ADDRESS + offset : DATA_ADDRESS + offset - DATA_OFFSET)
  words(file, DYNAMIC_OFFSET, [5, address(stringsOffset), 6, address(SYMBOLS_OFFSET), 10, strings.length, 0, 0])
  const segments = [
    { type: 1, flags: 5, offset: 0, size: 0x1000, at: address(0) },
    { type: 1, flags: 6, offset: DATA_OFFSET, size: 0x1000, at: address(DATA_OFFSET) },
    { type: 2, flags: 6, offset: DYNAMIC_OFFSET, size: 64, at: address(DYNAMIC_OFFSET) },
  ]
  segments.forEach(({ type, flags, offset, size, at }, index) => {
    file.writeUInt32LE(type, 64 + index * 56)
    file.writeUInt32LE(flags, 68 + index * 56)
    words(file, 72 + index * 56, [offset, at, at, size, size, 0x1000])
  })
  const sections = [
    { name: '', type: 0, at: 0, offset: 0, size: 0, link: 0 },
    {
      name: '.dynsym',
      type: 11,
      at: address(SYMBOLS_OFFSET),
      offset: SYMBOLS_OFFSET,
      size: symbolTable.length,
      link: 2,
    },
    { name: '.dynstr', type: 3, at: address(stringsOffset), offset: stringsOffset, size: strings.length, link: 0 },
    { name: '.PyRuntime', type: 1, at: base + RUNTIME_ADDRESS, offset: DATA_OFFSET + 0x40, size: 0x80, link: 0 },
    { name: '.shstrtab', type: 3, at: 0, offset: SECTION_NAMES_OFFSET, size: 0x100, link: 0 },
  ]
  if (!stripped) writeSections(file, sections)
  writeHeader(file, { segments: segments.length, sections: stripped ? 0 : sections.length })
  return file
}

/** The whole file, as `openMappedFile` would give it. */
export function sourceOf(file: Buffer): ByteSource {
  return (offset, length) => file.subarray(offset, offset + length)
}

interface Section {
  readonly name: string
  readonly type: number
  readonly at: number
  readonly offset: number
  readonly size: number
  readonly link: number
}

function writeSections(file: Buffer, sections: readonly Section[]): void {
  const names = Buffer.from(sections.map(({ name }) => `${name}\0`).join(''), 'latin1')
  names.copy(file, SECTION_NAMES_OFFSET)
  sections.forEach(({ name, type, at, offset, size, link }, index) => {
    const header = SECTIONS_OFFSET + index * 64
    file.writeUInt32LE(names.indexOf(`${name}\0`, 0, 'latin1'), header)
    file.writeUInt32LE(type, header + 4)
    words(file, header + 16, [at, offset, size])
    file.writeUInt32LE(link, header + 40)
  })
}

function writeHeader(file: Buffer, counts: { segments: number; sections: number }): void {
  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(3, 16)
  words(file, 32, [64, counts.sections === 0 ? 0 : SECTIONS_OFFSET])
  file.writeUInt16LE(counts.segments, 56)
  file.writeUInt16LE(counts.sections, 60)
  file.writeUInt16LE(Math.max(counts.sections - 1, 0), 62)
}

function buildSymbols(symbols: Readonly<Record<string, number>>, strings: Buffer): Buffer {
  // The first symbol is always empty.
  const table = Buffer.alloc(24 * (1 + Object.keys(symbols).length))
  Object.entries(symbols).forEach(([name, value], index) => {
    table.writeUInt32LE(strings.indexOf(`\0${name}\0`, 0, 'latin1') + 1, 24 * (index + 1))
    table.writeBigUInt64LE(BigInt(value), 24 * (index + 1) + 8)
  })
  return table
}

function words(bytes: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), at + index * 8)
}
