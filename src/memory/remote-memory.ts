// The seam between bytes and meaning: the one interface through which everything above reads and writes another
// process. It knows addresses and lengths and has never heard of Python. Implementations: `linux.ts` for a live
// process, `recorded.ts` for an image on disk.

/** A virtual address of the target. User addresses stay below 2^47 here, so a number is exact. */
export type Address = number

export type Access = 'read' | 'read-write'

/** One contiguous piece of the target's memory. `length` is in bytes. */
export interface MemoryRange {
  readonly address: Address
  readonly length: number
}

export interface RemoteMemory {
  /**
   * The bytes at `address`, exactly `length` of them.
   * @throws RemoraError `MEMORY_UNREADABLE` when a byte of the range is not mapped, `TARGET_EXITED` when the
   * process has gone or has replaced itself with exec.
   */
  read(address: Address, length: number): Buffer

  /** As `read`, for several ranges; one that cannot be read is undefined, so that speculative reads are cheap. */
  readMany(ranges: readonly MemoryRange[]): (Buffer | undefined)[]

  /**
   * Puts `bytes` at `address`.
   * @throws RemoraError as `read`, and when this memory was opened for reading only.
   */
  write(address: Address, bytes: Uint8Array): void

  close(): void
}

/** No single read of the target may be longer; a longer one means a corrupt length. */
export const MAX_READ_BYTES = 64 * 1024 * 1024
