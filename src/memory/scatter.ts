// Reads the same scattered pieces of a process again and again, into buffers that stay: what a profiler does thousands
// of times a second. With koffi all pieces come in one process_vm_readv, without it in one read each. No object is made
// while it reads. process_vm_readv goes by PID, so the descriptor must be asked now and then (`isAlive`) whether that
// is still the same process.

import fs from 'node:fs'
import { systemErrorCode } from '../errors/remora-error.js'
import { loadKoffi, loadLibc } from '../native/koffi.js'
import type { Address } from './remote-memory.js'

/** The kernel's UIO_MAXIOV: pieces of one call. */
const MAX_PIECES_PER_CALL = 1024
/** An iovec is an address and a length of 8 bytes each: two 32-bit words twice. */
const IOVEC_WORDS = 4
const IOVEC_BYTES = 16
const TWO_32 = 2 ** 32

// biome-ignore lint/complexity/useMaxParams: the parameters of process_vm_readv(2).
type ProcessVmReadv = (pid: number, local: number, locals: number, remote: number, remotes: number, flags: 0) => number
type Memcmp = (a: number, b: number, bytes: number) => number

/** A buffer that never moves, so that its address may be kept. */
export interface FixedBuffer {
  readonly bytes: Buffer
  readonly words: Uint32Array
  /** Where it lies in this process; 0 without koffi. */
  readonly address: number
}

/** One process, open for scattered reads. */
export class ScatterReader {
  readonly pid: number
  readonly #descriptor: number
  readonly #readv: ProcessVmReadv | undefined
  readonly #memcmp: Memcmp | undefined
  readonly #addressOf: ((bytes: Buffer) => bigint) | undefined
  readonly #probe = Buffer.alloc(1)

  /** @throws The plain system error of `open`. */
  constructor(pid: number, options: { native?: boolean } = {}) {
    this.pid = pid
    this.#descriptor = fs.openSync(`/proc/${pid}/mem`, 'r')
    const koffi = options.native === false ? undefined : loadKoffi()
    const libc = koffi && loadLibc()
    if (koffi === undefined || libc === undefined) return
    const words = ['uintptr_t', 'ulong', 'uintptr_t', 'ulong', 'ulong']
    this.#readv = libc.func('process_vm_readv', 'long', ['int', ...words]) as unknown as ProcessVmReadv
    this.#memcmp = libc.func('memcmp', 'int', ['uintptr_t', 'uintptr_t', 'ulong']) as unknown as Memcmp
    this.#addressOf = (bytes) => koffi.address(bytes)
  }

  allocate(length: number): FixedBuffer {
    const bytes = Buffer.allocUnsafeSlow((length + 7) & ~7)
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    return { bytes, words, address: Number(this.#addressOf?.(bytes) ?? 0) }
  }

  /** Fills all pieces; false when one of them could not be read, and then the rest is undefined. */
  read(pieces: PieceList): boolean {
    return this.#readv === undefined ? this.#readOneByOne(pieces) : this.#readAtOnce(pieces, this.#readv)
  }

  /** Whether the process, reached by the descriptor and so the very same one, still has `address`. */
  isAlive(address: Address): boolean {
    try {
      return fs.readSync(this.#descriptor, this.#probe, 0, 1, address) === 1
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
      return false
    }
  }

  /** Whether `length` bytes of `buffer` at two places are equal; places and length are multiples of 4. */
  isEqual({ address, words, bytes }: FixedBuffer, a: number, b: number, length: number): boolean {
    if (length <= SHORT_BYTES) {
      for (let word = 0; word < length >> 2; word++) {
        if (words[(a >> 2) + word] !== words[(b >> 2) + word]) return false
      }
      return true
    }
    if (this.#memcmp !== undefined) return this.#memcmp(address + a, address + b, length) === 0
    return bytes.compare(bytes, a, a + length, b, b + length) === 0
  }

  close(): void {
    fs.closeSync(this.#descriptor)
  }

  #readAtOnce(pieces: PieceList, readv: ProcessVmReadv): boolean {
    let read = 0
    for (let start = 0; start < pieces.count; start += MAX_PIECES_PER_CALL) {
      const count = Math.min(pieces.count - start, MAX_PIECES_PER_CALL)
      const [local, remote] = [pieces.local.address + start * IOVEC_BYTES, pieces.remote.address + start * IOVEC_BYTES]
      const bytes = Number(readv(this.pid, local, count, remote, count, 0))
      // The descriptor may still read what this call may not any more: a target that has changed its user.
      if (bytes < 0) return this.#readOneByOne(pieces)
      read += bytes
    }
    return read === pieces.bytes
  }

  #readOneByOne(pieces: PieceList): boolean {
    try {
      return pieces.every((buffer, at, address, length) => {
        return fs.readSync(this.#descriptor, buffer.bytes, at, length, address) === length
      })
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
      return false
    }
  }
}

/** Up to this length a loop here is as fast as a call. */
const SHORT_BYTES = 128

type VisitPiece = (buffer: FixedBuffer, at: number, address: Address, length: number) => boolean

/** What to read and where to put it: `iovec`s, kept as they are handed to the kernel. */
export class PieceList {
  readonly #reader: ScatterReader
  readonly #buffers: FixedBuffer[] = []
  local: FixedBuffer
  remote: FixedBuffer
  count = 0
  /** Sum of the lengths. */
  bytes = 0

  constructor(reader: ScatterReader, capacity = 64) {
    this.#reader = reader
    this.local = reader.allocate(capacity * IOVEC_BYTES)
    this.remote = reader.allocate(capacity * IOVEC_BYTES)
  }

  clear(): void {
    this.count = 0
    this.bytes = 0
  }

  add(address: Address, length: number, buffer: FixedBuffer, at: number): void {
    if (this.count * IOVEC_BYTES === this.local.bytes.length) this.#grow()
    const word = this.count * IOVEC_WORDS
    putPointer(this.remote.words, word, address)
    putPointer(this.remote.words, word + 2, length)
    putPointer(this.local.words, word + 2, length)
    this.#buffers[this.count] = buffer
    this.bytes += length
    this.move(this.count++, at)
  }

  /** Lets piece `index` go to another place of its buffer. */
  move(index: number, at: number): void {
    putPointer(this.local.words, index * IOVEC_WORDS, (this.#buffers[index] as FixedBuffer).address + at)
  }

  every(visit: VisitPiece): boolean {
    for (let index = 0; index < this.count; index++) {
      const buffer = this.#buffers[index] as FixedBuffer
      const at = pointerOf(this.local.words, index * IOVEC_WORDS) - buffer.address
      const address = pointerOf(this.remote.words, index * IOVEC_WORDS)
      if (!visit(buffer, at, address, pointerOf(this.remote.words, index * IOVEC_WORDS + 2))) return false
    }
    return true
  }

  #grow(): void {
    for (const side of ['local', 'remote'] as const) {
      const larger = this.#reader.allocate(this[side].bytes.length * 2)
      larger.bytes.set(this[side].bytes)
      this[side] = larger
    }
  }
}

/** The 64-bit word that begins at 32-bit word `at`. */
export function pointerOf(words: Uint32Array, at: number): number {
  return (words[at + 1] as number) * TWO_32 + (words[at] as number)
}

function putPointer(words: Uint32Array, at: number, value: number): void {
  // The assignment itself keeps the low 32 bits.
  words[at] = value
  words[at + 1] = value / TWO_32
}
