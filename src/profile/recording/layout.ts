// The layout of a recording on disk, which docs/recording-format.md describes: a line that says what it is, then
// blocks. Each block has a kind, a length and a checksum, so that a file that was cut off anywhere is read up to its
// last whole block.

import zlib from 'node:zlib'

export const MAGIC = Buffer.from('remora recording 1\n', 'latin1')
/** Kind (u8), length of the payload (u32) and CRC-32 of kind and payload (u32), little-endian. */
export const BLOCK_HEADER_BYTES = 9
/** A longer block means a damaged file. */
export const MAX_BLOCK_BYTES = 256 * 1024 * 1024

export const BlockKind = {
  /** JSON: what the profile is of. The first block. */
  info: 0x49,
  /** JSON: new frames. */
  frames: 0x46,
  /** Varints: new stacks. */
  stacks: 0x53,
  /** JSON: new threads, and threads that have changed. */
  threads: 0x54,
  /** Varints: runs of samples. */
  runs: 0x52,
  /** JSON: how well it has gone so far. The last one counts. */
  quality: 0x51,
} as const

export function blockHeader(kind: number, payload: Buffer): Buffer {
  const header = Buffer.allocUnsafe(BLOCK_HEADER_BYTES)
  header[0] = kind
  header.writeUInt32LE(payload.length, 1)
  header.writeUInt32LE(checksum(kind, payload), 5)
  return header
}

/** CRC-32 of the kind and the payload. */
export function checksum(kind: number, payload: Buffer): number {
  return zlib.crc32(payload, zlib.crc32(Buffer.of(kind)))
}

export interface BlockHeader {
  readonly kind: number
  readonly length: number
  readonly checksum: number
}

export function parseBlockHeader(bytes: Buffer): BlockHeader {
  return { kind: bytes[0] as number, length: bytes.readUInt32LE(1), checksum: bytes.readUInt32LE(5) }
}
