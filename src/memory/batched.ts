// Memory that reads many ranges in one process_vm_readv call through koffi: four times as many small reads a
// second as one call each. Single reads and all writes go to the descriptor-based memory below it, which also
// answers whether the process is still the same one, since process_vm_readv itself goes by PID.

import { loadKoffi, loadLibc } from '../native/koffi.js'
import { type Address, MAX_READ_BYTES, type MemoryRange, type RemoteMemory } from './remote-memory.js'

/** The kernel's UIO_MAXIOV: ranges of one call. */
const MAX_RANGES_PER_CALL = 1024
const IOVEC_BYTES = 16

// biome-ignore lint/complexity/useMaxParams: the parameters of process_vm_readv(2).
type ProcessVmReadv = (
  pid: number,
  local: bigint | number,
  localCount: number,
  remote: bigint | number,
  remoteCount: number,
  flags: number,
) => number

/** `memory` with a faster `readMany`, or `memory` itself where koffi is not there. The results are the same. */
export function openBatchedMemory(pid: number, memory: RemoteMemory): RemoteMemory {
  const koffi = loadKoffi()
  const libc = loadLibc()
  if (koffi === undefined || libc === undefined) return memory
  const processVmReadv = libc.func('process_vm_readv', 'long', [
    'int',
    'uintptr_t',
    'ulong',
    'uintptr_t',
    'ulong',
    'ulong',
  ]) as unknown as ProcessVmReadv
  return new BatchedMemory(pid, memory, processVmReadv, (buffer) => koffi.address(buffer))
}

class BatchedMemory implements RemoteMemory {
  readonly #pid: number
  readonly #memory: RemoteMemory
  readonly #processVmReadv: ProcessVmReadv
  readonly #addressOf: (buffer: Buffer) => bigint
  // Slow buffers have memory of their own, so their addresses stay right while these fields hold them.
  readonly #local = Buffer.allocUnsafeSlow(MAX_RANGES_PER_CALL * IOVEC_BYTES)
  readonly #remote = Buffer.allocUnsafeSlow(MAX_RANGES_PER_CALL * IOVEC_BYTES)

  constructor(
    pid: number,
    memory: RemoteMemory,
    processVmReadv: ProcessVmReadv,
    addressOf: (buffer: Buffer) => bigint,
  ) {
    this.#pid = pid
    this.#memory = memory
    this.#processVmReadv = processVmReadv
    this.#addressOf = addressOf
  }

  read(address: Address, length: number): Buffer {
    return this.#memory.read(address, length)
  }

  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    const results: (Buffer | undefined)[] = []
    for (let start = 0; start < ranges.length; start += MAX_RANGES_PER_CALL) {
      results.push(...this.#readBatch(ranges.slice(start, start + MAX_RANGES_PER_CALL)))
    }
    return results
  }

  write(address: Address, bytes: Uint8Array): void {
    this.#memory.write(address, bytes)
  }

  close(): void {
    this.#memory.close()
  }

  #readBatch(ranges: readonly MemoryRange[]): (Buffer | undefined)[] {
    const total = ranges.reduce((sum, range) => sum + range.length, 0)
    const readable = ranges.every(({ address }) => Number.isSafeInteger(address) && address > 0)
    if (!readable || !(total > 0 && total <= MAX_READ_BYTES)) return this.#memory.readMany(ranges)

    const bytes = Buffer.allocUnsafeSlow(total)
    const base = this.#addressOf(bytes)
    let offset = 0
    ranges.forEach(({ address, length }, index) => {
      this.#local.writeBigUInt64LE(base + BigInt(offset), index * IOVEC_BYTES)
      this.#local.writeBigUInt64LE(BigInt(length), index * IOVEC_BYTES + 8)
      this.#remote.writeBigUInt64LE(BigInt(address), index * IOVEC_BYTES)
      this.#remote.writeBigUInt64LE(BigInt(length), index * IOVEC_BYTES + 8)
      offset += length
    })
    const [local, remote] = [this.#addressOf(this.#local), this.#addressOf(this.#remote)]
    const count = Number(this.#processVmReadv(this.#pid, local, ranges.length, remote, ranges.length, 0))
    // The kernel stops at the first range it cannot read; the descriptor then says which ones those are, and why.
    if (count !== total) return this.#memory.readMany(ranges)
    let end = 0
    return ranges.map(({ length }) => {
      end += length
      return bytes.subarray(end - length, end)
    })
  }
}
