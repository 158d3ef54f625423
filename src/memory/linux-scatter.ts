// Scattered reads on Linux. With koffi all pieces come in one process_vm_readv, without it in one read each.
// process_vm_readv goes by PID, so the descriptor has to be asked now and then (`isAlive`) whether that is still the same
// process.

import fs from 'node:fs'
import { systemErrorCode } from '../errors/remora-error.js'
import { loadKoffi, loadLibc } from '../native/koffi.js'
import type { Address } from './remote-memory.js'
import { type FixedBuffer, PIECE_BYTES, type PieceList, type ScatterReader } from './scatter.js'

/** The kernel's UIO_MAXIOV: pieces of one call. */
const MAX_PIECES_PER_CALL = 1024
/** Up to this length a loop here is as fast as a call. */
const SHORT_BYTES = 128

// biome-ignore lint/complexity/useMaxParams: the parameters of process_vm_readv(2).
type ProcessVmReadv = (pid: number, local: number, locals: number, remote: number, remotes: number, flags: 0) => number
type Memcmp = (a: number, b: number, bytes: number) => number

export class LinuxScatterReader implements ScatterReader {
  readonly pid: number
  readonly #descriptor: number
  readonly #readv: ProcessVmReadv | undefined
  readonly #memcmp: Memcmp | undefined
  readonly #addressOf: ((bytes: Buffer) => bigint) | undefined
  readonly #probe = Buffer.alloc(1)

  /** @throws The plain system error of `open`. */
  constructor(pid: number) {
    this.pid = pid
    this.#descriptor = fs.openSync(`/proc/${pid}/mem`, 'r')
    const [koffi, libc] = [loadKoffi(), loadLibc()]
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

  read(pieces: PieceList): boolean {
    return this.#readv === undefined ? this.#readOneByOne(pieces) : this.#readAtOnce(pieces, this.#readv)
  }

  isAlive(address: Address): boolean {
    try {
      return fs.readSync(this.#descriptor, this.#probe, 0, 1, address) === 1
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error
      return false
    }
  }

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
      const [local, remote] = [pieces.local.address + start * PIECE_BYTES, pieces.remote.address + start * PIECE_BYTES]
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
