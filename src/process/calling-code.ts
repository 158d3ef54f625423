// Which file's code made a system call: the program, or a library that it loaded. The program counter itself lies in the
// C library nearly always, so the stack above it is searched for the first return address that leads elsewhere: a word
// that points into mapped code, right behind an instruction that calls. A heuristic: a word left over from an earlier
// call can be taken for one.

import type { RemoteMemory } from '../memory/remote-memory.js'
import type { Mapping } from './maps.js'
import type { SystemCall } from './threads.js'

/** The frames of the C library for one system call are far smaller. */
const SEARCHED_BYTES = 8 * 1024
const WORD_BYTES = 8
/** No call instruction of x86-64 that compilers make for a return address to be pushed is longer. */
const MAX_CALL_BYTES = 7
const C_LIBRARY = /^(libc|libpthread|ld-linux|ld-musl|libc\.musl|ld)[-.]/

interface NativeCode {
  readonly memory: RemoteMemory
  readonly mappings: readonly Mapping[]
  /** The file of the program itself. It calls the C library by name; what it calls through a pointer is its own. */
  readonly program: string
}

/** Path, as the target sees it, of the file whose code called the C library, or undefined when none is found. */
export function findCallingCode(
  code: NativeCode,
  { stackPointer, programCounter }: Pick<SystemCall, 'stackPointer' | 'programCounter'>,
): string | undefined {
  const direct = fileAt(code, Number(programCounter))
  if (direct !== undefined && !isCLibrary(direct)) return direct
  for (const address of readWords(code, Number(stackPointer))) {
    const file = fileAt(code, address)
    if (file !== undefined && !isCLibrary(file) && isBehindCall(code, address, file)) return file
  }
  return undefined
}

function fileAt({ mappings }: NativeCode, address: number): string | undefined {
  const mapping = mappings.find(({ start, end }) => address >= start && address < end)
  return mapping?.permissions[2] === 'x' && mapping.path.startsWith('/') ? mapping.path : undefined
}

function isCLibrary(path: string): boolean {
  return C_LIBRARY.test(path.slice(path.lastIndexOf('/') + 1))
}

/** The words of the stack from `address` on, without crossing the end of its mapping. */
function* readWords({ memory, mappings }: NativeCode, address: number): Generator<number> {
  const stack = mappings.find(({ start, end }) => address >= start && address < end)
  const length = Math.min(SEARCHED_BYTES, (stack?.end ?? address) - address)
  const [bytes = Buffer.alloc(0)] = length < WORD_BYTES ? [] : memory.readMany([{ address, length }])
  for (let offset = 0; offset + WORD_BYTES <= bytes.length; offset += WORD_BYTES) {
    yield Number(bytes.readBigUInt64LE(offset))
  }
}

/** Whether the instruction before `address` calls what may be the C library. */
function isBehindCall(code: NativeCode, address: number, file: string): boolean {
  const [bytes] = code.memory.readMany([{ address: address - WORD_BYTES, length: WORD_BYTES }])
  const call = bytes && (process.arch === 'arm64' ? parseCallOfArm64(bytes) : parseCallOfX64(bytes))
  if (call === undefined) return false
  if (call.offset === undefined) return file !== code.program
  const target = address + call.offset
  if (call.indirect) return leadsToCLibrary(code, target)
  // In the same file lies the table of stubs that lead to libraries, or a function of its own.
  return fileAt(code, target) !== file || isStub(code, target)
}

interface NativeCall {
  /** Whether the address is read from where `offset` leads. */
  readonly indirect: boolean
  /** From the end of the instruction; undefined for a call through a register. */
  readonly offset: number | undefined
}

/** `call rel32` is E8 and four bytes; `call r/m64` is FF, perhaps after a prefix, with 2 in the middle of its next byte. */
function parseCallOfX64(bytes: Buffer): NativeCall | undefined {
  const end = bytes.length
  if (bytes[end - 5] === 0xe8) return { indirect: false, offset: bytes.readInt32LE(end - 4) }
  if (bytes[end - 6] === 0xff && bytes[end - 5] === 0x15) return { indirect: true, offset: bytes.readInt32LE(end - 4) }
  for (let length = 2; length <= MAX_CALL_BYTES; length++) {
    const [opcode, form = 0] = bytes.subarray(end - length)
    if (opcode === 0xff && ((form >> 3) & 7) === 2) return { indirect: true, offset: undefined }
  }
  return undefined
}

/** BL with 26 bits of distance in words, or BLR with any register. */
function parseCallOfArm64(bytes: Buffer): NativeCall | undefined {
  const instruction = bytes.readInt32LE(bytes.length - 4)
  if (instruction >>> 26 === 0b100101) return { indirect: false, offset: ((instruction << 6) >> 6) * 4 - 4 }
  return (instruction & 0xfffffc1f) >>> 0 === 0xd63f0000 ? { indirect: true, offset: undefined } : undefined
}

function leadsToCLibrary(code: NativeCode, pointer: number): boolean {
  const [bytes] = code.memory.readMany([{ address: pointer, length: WORD_BYTES }])
  const file = bytes && fileAt(code, Number(bytes.readBigUInt64LE()))
  return file !== undefined && isCLibrary(file)
}

/** A stub of x86-64 jumps to the address in a table, `jmp *disp32(%rip)`, after a landing mark perhaps. */
function isStub(code: NativeCode, address: number): boolean {
  const [bytes] = code.memory.readMany([{ address, length: 16 }])
  if (bytes === undefined) return false
  if (process.arch === 'arm64') return isStubOfArm64(bytes)
  const jump = bytes.indexOf(Buffer.of(0xff, 0x25))
  return jump >= 0 && jump <= 5 && leadsToCLibrary(code, address + jump + 6 + bytes.readInt32LE(jump + 2))
}

/** A stub of arm64 begins with `adrp x16`, after a landing mark perhaps. */
function isStubOfArm64(bytes: Buffer): boolean {
  return [0, 4].some((at) => (bytes.readUInt32LE(at) & 0x9f00001f) >>> 0 === 0x90000010)
}
