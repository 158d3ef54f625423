/**
 * Points one Linux program at a dynamic loader and at library folders of our choosing, by editing its ELF file. The
 * Debian install calls it, so that an interpreter of a newer Debian starts with the C library it was built for. It
 * writes two strings into unused bytes behind the file's own strings and changes the few numbers that lead there: no
 * section moves, so `.PyRuntime` and every symbol stay where they were. (patchelf 0.18 moves sections, and left these
 * interpreters crashing at start.) An edited file can be edited again, which is how a moved checkout is mended. Only
 * 64-bit little-endian ELF is read; that covers x86-64 and arm64.
 */
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0n
const DT_STRTAB = 5n
const DT_STRSZ = 10n
const DT_RPATH = 15n
const MAX_DYNAMIC_ENTRIES = 512

/**
 * @typedef {{ at: number, type: number, offset: number, address: number, fileSize: number, memorySize: number }} Segment
 * @typedef {{ at: number, tag: bigint, value: number }} DynamicEntry
 */

/**
 * Rewrites `file` so that the kernel starts it with `loader`, and that loader looks into `rpath` before anywhere else,
 * for the program and for all that it loads later (DT_RPATH, not DT_RUNPATH). The file is replaced in one step. A
 * loader's path too long for the unused bytes goes to the end of the file, where the kernel finds it as well.
 *
 * @param {string} file a dynamically linked program
 * @param {{ loader: string, rpath: string }} wanted an absolute path; folders joined by ":", `$ORIGIN` allowed
 */
export function setElfLoader(file, { loader, rpath }) {
  const bytes = readFileSync(file)
  const segments = readSegments(bytes, file)
  const interp = one(segments, (segment) => segment.type === PT_INTERP, `${file} names no dynamic loader`)
  const entries = readDynamicEntries(bytes, segments, file)
  const place = placeForStrings(segments, entries, { interp, file })

  const rpathBytes = Buffer.from(`${rpath}\0`)
  const loaderBytes = Buffer.from(`${loader}\0`)
  const isRoomy = place.offset + rpathBytes.length + loaderBytes.length <= place.limit
  const strings = isRoomy ? Buffer.concat([rpathBytes, loaderBytes]) : rpathBytes
  const end = place.offset + strings.length
  if (end > place.limit) throw new Error(`${file} has too few unused bytes for the library folders ${rpath}`)
  if (!place.isEdited && bytes.subarray(place.offset, end).some((byte) => byte !== 0)) {
    throw new Error(`${file} keeps something between its segments, so it cannot be edited`)
  }

  strings.copy(bytes, place.offset)
  growSegment(bytes, place.segment, Math.max(end - place.segment.offset, place.segment.fileSize))
  pointRpath(bytes, entries, { address: place.address, size: rpathBytes.length, file })
  const inside = { offset: place.offset + rpathBytes.length, address: place.address + rpathBytes.length }
  const where = isRoomy ? inside : { offset: bytes.length }
  pointInterp(bytes, interp, { ...where, size: loaderBytes.length })
  replaceFile(file, isRoomy ? bytes : Buffer.concat([bytes, loaderBytes]))
}

/**
 * The dynamic loader that a program asks the kernel for.
 *
 * @param {string} file
 * @returns {string} for example `/lib64/ld-linux-x86-64.so.2`
 */
export function readElfLoader(file) {
  const bytes = readFileSync(file)
  const interp = one(
    readSegments(bytes, file),
    (segment) => segment.type === PT_INTERP,
    `${file} names no dynamic loader`,
  )
  return bytes.toString('utf8', interp.offset, interp.offset + interp.fileSize - 1)
}

/** @param {Buffer} bytes @param {string} file @returns {Segment[]} */
function readSegments(bytes, file) {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error(`${file} is not a 64-bit little-endian ELF program`)
  }
  const table = Number(bytes.readBigUInt64LE(32))
  const entrySize = bytes.readUInt16LE(54)
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = table + index * entrySize
    const number = (/** @type {number} */ from) => Number(bytes.readBigUInt64LE(at + from))
    return {
      at,
      type: bytes.readUInt32LE(at),
      offset: number(8),
      address: number(16),
      fileSize: number(32),
      memorySize: number(40),
    }
  })
}

/** @param {Buffer} bytes @param {Segment[]} segments @param {string} file @returns {DynamicEntry[]} with the end mark last */
function readDynamicEntries(bytes, segments, file) {
  const dynamic = one(segments, (segment) => segment.type === PT_DYNAMIC, `${file} is not dynamically linked`)
  const count = Math.min(dynamic.fileSize / 16, MAX_DYNAMIC_ENTRIES)
  const entries = []
  for (let index = 0; index < count; index++) {
    const at = dynamic.offset + index * 16
    const tag = bytes.readBigInt64LE(at)
    entries.push({ at, tag, value: Number(bytes.readBigUInt64LE(at + 8)) })
    if (tag === DT_NULL) {
      if (index + 1 === count) break
      return entries
    }
  }
  throw new Error(`${file} has no free entry in its dynamic section`)
}

/**
 * The unused bytes behind the segment that holds the string table: where our strings are already, or its end.
 *
 * @param {Segment[]} segments @param {DynamicEntry[]} entries @param {{ interp: Segment, file: string }} program
 */
function placeForStrings(segments, entries, { interp, file }) {
  const strings = one(entries, (entry) => entry.tag === DT_STRTAB, `${file} has no string table`).value
  const inside = (/** @type {Segment} */ { address, fileSize }) => strings >= address && strings < address + fileSize
  const loaded = segments.filter(({ type }) => type === PT_LOAD)
  const segment = one(loaded, inside, `${file} does not load its string table`)
  const rpath = entries.find((entry) => entry.tag === DT_RPATH)
  const address = rpath ? strings + rpath.value : segment.address + segment.fileSize
  const offset = address - segment.address + segment.offset
  // Linkers put the loader's name in front of all strings, we put it behind ours.
  if (rpath && interp.offset < offset)
    throw new Error(`${file} has library folders of its own (DT_RPATH), so it is not edited`)
  const next = loaded.filter((other) => other.offset > segment.offset)
  const limit = Math.min(...next.map((other) => other.offset))
  return { segment, address, offset, limit, isEdited: rpath !== undefined }
}

/** @param {Buffer} bytes @param {Segment} segment @param {number} size */
function growSegment(bytes, segment, size) {
  bytes.writeBigUInt64LE(BigInt(size), segment.at + 32)
  bytes.writeBigUInt64LE(BigInt(size), segment.at + 40)
}

/**
 * The kernel goes by the offset. The address only gives the loader its own name; where it is not told, the old one stays.
 *
 * @param {Buffer} bytes @param {Segment} interp @param {{ offset: number, address?: number, size: number }} string
 */
function pointInterp(bytes, interp, { offset, address = interp.address, size }) {
  bytes.writeBigUInt64LE(BigInt(offset), interp.at + 8)
  bytes.writeBigUInt64LE(BigInt(address), interp.at + 16)
  bytes.writeBigUInt64LE(BigInt(address), interp.at + 24)
  bytes.writeBigUInt64LE(BigInt(size), interp.at + 32)
  bytes.writeBigUInt64LE(BigInt(size), interp.at + 40)
}

/** @param {Buffer} bytes @param {DynamicEntry[]} entries @param {{ address: number, size: number, file: string }} string */
function pointRpath(bytes, entries, { address, size, file }) {
  const table = one(entries, (entry) => entry.tag === DT_STRTAB, `${file} has no string table`)
  const tableSize = one(entries, (entry) => entry.tag === DT_STRSZ, `${file} has no string table`)
  const isRpath = (/** @type {DynamicEntry} */ { tag }) => tag === DT_RPATH
  const rpath =
    entries.find(isRpath) ?? one(entries, ({ tag }) => tag === DT_NULL, `${file} has no end of its dynamic section`)
  bytes.writeBigInt64LE(DT_RPATH, rpath.at)
  bytes.writeBigUInt64LE(BigInt(address - table.value), rpath.at + 8)
  bytes.writeBigUInt64LE(BigInt(address - table.value + size), tableSize.at + 8)
}

/**
 * @template T
 * @param {T[]} all @param {(candidate: T) => boolean} isWanted @param {string} message
 * @returns {T}
 */
function one(all, isWanted, message) {
  const found = all.find(isWanted)
  if (found === undefined) throw new Error(message)
  return found
}

/**
 * A running interpreter keeps its old file; a half-written one never gets the name.
 *
 * @param {string} file @param {Buffer} bytes
 */
function replaceFile(file, bytes) {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, bytes)
  chmodSync(temporary, statSync(file).mode & 0o777)
  renameSync(temporary, file)
}
