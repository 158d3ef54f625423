// Reads 64-bit little-endian ELF: segments, sections and symbols, from whatever gives bytes at file offsets (a file,
// a buffer, or the image in another process's memory). Pure: it opens nothing and knows nothing of Python.
// Follows the System V ABI, "Object Files"; only what a running process needs is read.

import { RemoraError } from '../errors/remora-error.js'

/** Bytes at a file offset; shorter than asked at the end of the file. */
export type ByteSource = (offset: number, length: number) => Buffer

export interface ElfSegment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly fileSize: number
  readonly memorySize: number
}

export interface ElfSection {
  readonly name: string
  readonly type: number
  readonly address: number
  readonly offset: number
  readonly size: number
  /** Index of the section that this one refers to: a symbol table's string table. */
  readonly link: number
}

export interface Elf {
  readonly segments: readonly ElfSegment[]
  /** Empty when the section headers are stripped, or lie outside what `source` holds. */
  readonly sections: readonly ElfSection[]
  readonly source: ByteSource
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const SHT_DYNSYM = 11
const SYMBOL_BYTES = 24
const STT_FUNC = 2
const STT_GNU_IFUNC = 10
const MAX_HEADERS = 4096
const MAX_TABLE_BYTES = 64 * 1024 * 1024

/**
 * The headers of an ELF file; undefined when it is not ELF64 little-endian at all.
 * @throws RemoraError `RUNTIME_CORRUPT` when it is, but its headers are broken.
 */
export function parseElf(source: ByteSource): Elf | undefined {
  const header = source(0, 64)
  const isElf64Little =
    header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1
  if (!isElf64Little) return undefined
  const segmentCount = header.readUInt16LE(56)
  const sectionCount = header.readUInt16LE(60)
  if (segmentCount > MAX_HEADERS || sectionCount > MAX_HEADERS) throw corrupt('too many headers')

  const segmentTable = source(toNumber(header, 32), segmentCount * 56)
  if (segmentTable.length !== segmentCount * 56) throw corrupt('program headers cut off')
  const segments = Array.from({ length: segmentCount }, (_, index) => parseSegment(segmentTable, index * 56))
  return { segments, sections: parseSections(source, header, sectionCount), source }
}

/** The section of that name, such as `.PyRuntime`. */
export function findSection(elf: Elf, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name)
}

/**
 * What to add to an address in the file to get the address in memory, given one mapping of the file
 * (`start` in memory, `offset` in the file): 0 for an executable with fixed addresses. Undefined when no
 * loadable segment covers that mapping.
 */
export function loadBias(elf: Elf, mapping: { start: number; offset: number }, pageBytes = 4096): number | undefined {
  const pageOf = ({ offset }: ElfSegment): number => offset - (offset % pageBytes)
  const loadable = elf.segments.filter(({ type }) => type === PT_LOAD)
  // Where one segment ends and the next begins in the same page, that page is mapped twice; the second mapping begins
  // with it.
  const segment =
    loadable.find((candidate) => pageOf(candidate) === mapping.offset) ??
    loadable.find(
      (candidate) => mapping.offset >= pageOf(candidate) && mapping.offset < candidate.offset + candidate.fileSize,
    )
  if (segment === undefined) return undefined
  return mapping.start - (mapping.offset - pageOf(segment)) - (segment.address - (segment.offset - pageOf(segment)))
}

/**
 * The values (addresses in the file) of dynamic symbols by name. Uses the section headers, or PT_DYNAMIC where
 * those are stripped; names that are not defined there are missing from the result.
 */
export function findDynamicSymbols(elf: Elf, names: readonly string[]): Map<string, number> {
  const tables = locateSymbols(elf)
  const found = new Map<string, number>()
  if (tables === undefined) return found
  const wanted = new Set(names)
  for (let at = 0; at + SYMBOL_BYTES <= tables.symbols.length && found.size < wanted.size; at += SYMBOL_BYTES) {
    const value = toNumber(tables.symbols, at + 8)
    const name = cString(tables.strings, tables.symbols.readUInt32LE(at))
    if (value !== 0 && wanted.has(name)) found.set(name, value)
  }
  return found
}

export interface FunctionRange {
  readonly name: string
  /** Addresses in the file. */
  readonly start: number
  readonly end: number
}

/** The functions that a file exports; one that has several names comes several times. */
export function findFunctions(elf: Elf): FunctionRange[] {
  const tables = locateSymbols(elf)
  if (tables === undefined) return []
  const functions: FunctionRange[] = []
  for (let at = 0; at + SYMBOL_BYTES <= tables.symbols.length; at += SYMBOL_BYTES) {
    const [start, bytes] = [toNumber(tables.symbols, at + 8), toNumber(tables.symbols, at + 16)]
    const type = (tables.symbols[at + 4] as number) & 0xf
    if (start === 0 || bytes === 0 || (type !== STT_FUNC && type !== STT_GNU_IFUNC)) continue
    functions.push({ name: cString(tables.strings, tables.symbols.readUInt32LE(at)), start, end: start + bytes })
  }
  return functions
}

function parseSegment(table: Buffer, at: number): ElfSegment {
  return {
    type: table.readUInt32LE(at),
    offset: toNumber(table, at + 8),
    address: toNumber(table, at + 16),
    fileSize: toNumber(table, at + 32),
    memorySize: toNumber(table, at + 40),
  }
}

function parseSections(source: ByteSource, header: Buffer, count: number): ElfSection[] {
  const table = source(toNumber(header, 40), count * 64)
  const namesAt = header.readUInt16LE(62) * 64
  // Stripped headers, or an image in memory, where they are usually not mapped: not an error.
  if (count === 0 || table.length !== count * 64 || namesAt + 64 > table.length) return []
  const nameBytes = toNumber(table, namesAt + 32)
  if (nameBytes > MAX_TABLE_BYTES) throw corrupt('section names too long')
  const names = source(toNumber(table, namesAt + 24), nameBytes)
  return Array.from({ length: count }, (_, index) => {
    const at = index * 64
    return {
      name: cString(names, table.readUInt32LE(at)),
      type: table.readUInt32LE(at + 4),
      address: toNumber(table, at + 16),
      offset: toNumber(table, at + 24),
      size: toNumber(table, at + 32),
      link: table.readUInt32LE(at + 40),
    }
  })
}

interface SymbolTables {
  readonly symbols: Buffer
  readonly strings: Buffer
}

function locateSymbols(elf: Elf): SymbolTables | undefined {
  const section = elf.sections.find(({ type }) => type === SHT_DYNSYM)
  const strings = section && elf.sections[section.link]
  if (section !== undefined && strings !== undefined) {
    if (section.size > MAX_TABLE_BYTES || strings.size > MAX_TABLE_BYTES) throw corrupt('symbol table too long')
    return { symbols: elf.source(section.offset, section.size), strings: elf.source(strings.offset, strings.size) }
  }
  return locateSymbolsByDynamicSegment(elf)
}

/** Without section headers: PT_DYNAMIC names the tables, and the string table follows the symbols. */
function locateSymbolsByDynamicSegment(elf: Elf): SymbolTables | undefined {
  const dynamic = elf.segments.find(({ type }) => type === PT_DYNAMIC)
  if (dynamic === undefined || dynamic.fileSize > MAX_TABLE_BYTES) return undefined
  const entries = elf.source(dynamic.offset, dynamic.fileSize)
  const tags = new Map<number, number>()
  for (let at = 0; at + 16 <= entries.length; at += 16) tags.set(toNumber(entries, at), toNumber(entries, at + 8))
  const [DT_STRTAB, DT_SYMTAB, DT_STRSZ] = [5, 6, 10]
  const symbolsAt = toFileOffset(elf, tags.get(DT_SYMTAB))
  const stringsAt = toFileOffset(elf, tags.get(DT_STRTAB))
  const stringBytes = tags.get(DT_STRSZ) ?? 0
  if (symbolsAt === undefined || stringsAt === undefined || stringBytes > MAX_TABLE_BYTES) return undefined
  // Linkers lay the strings out right behind the symbols; no tag tells the number of symbols.
  const symbolBytes = stringsAt - symbolsAt
  if (symbolBytes <= 0 || symbolBytes > MAX_TABLE_BYTES) return undefined
  return { symbols: elf.source(symbolsAt, symbolBytes), strings: elf.source(stringsAt, stringBytes) }
}

/** Where an address (in the file) lies in the file. */
export function toFileOffset(elf: Elf, address: number | undefined): number | undefined {
  if (address === undefined) return undefined
  const holder = elf.segments.find(
    (segment) => segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.fileSize,
  )
  return holder && holder.offset + (address - holder.address)
}

function toNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}

function cString(bytes: Buffer, start: number): string {
  if (start >= bytes.length) return ''
  const end = bytes.indexOf(0, start)
  return bytes.toString('latin1', start, end < 0 ? bytes.length : end)
}

function corrupt(what: string): RemoraError {
  return new RemoraError('RUNTIME_CORRUPT', `broken ELF file: ${what}`)
}
