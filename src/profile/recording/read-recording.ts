// Reads a recording: its tables at once, its runs block by block each time that they are walked, so that hours of them
// need no memory. A file without an end, of a Remora that was killed, is read up to its last whole block.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { Profile, ProfileFrame, ProfileInfo, ProfileThread, StackTable } from '../profile.js'
import { enlarge } from '../tables/enlarge.js'
import { ByteReader } from './bytes.js'
import { BLOCK_HEADER_BYTES, BlockKind, checksum, MAGIC, MAX_BLOCK_BYTES, parseBlockHeader } from './layout.js'
import { type Block, readAt, readRuns } from './read-runs.js'

/** A profile that stands in a file, open until it is closed. */
export interface Recording extends Profile {
  /** Bytes at the end that make no whole block: it was cut off, or is still being written. */
  readonly trailingBytes: number
  close(): void
}

/** @throws RemoraError `RECORDING_INVALID` when it is none, or of a newer version; `RECORDING_UNREADABLE`. */
export function openRecording(path: string): Recording {
  let file: number
  try {
    file = fs.openSync(path, 'r')
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause
    throw new RemoraError('RECORDING_INVALID', `cannot open ${path}: ${systemErrorCode(cause)}`, { path, cause })
  }
  try {
    return readTables(file, path)
  } catch (error) {
    fs.closeSync(file)
    throw error
  }
}

function readTables(file: number, path: string): Recording {
  const tables = new Tables()
  const runs: Block[] = []
  let end = MAGIC.length
  if (!readAt(file, 0, Buffer.alloc(MAGIC.length)).equals(MAGIC)) {
    throw new RemoraError('RECORDING_INVALID', `${path} is no recording of this version of Remora`, { path })
  }
  for (const { kind, block, payload } of walkBlocks(file, MAGIC.length)) {
    if (kind === BlockKind.runs) runs.push(block)
    else tables.take(kind, payload)
    end = block.at + block.length
  }
  const info = tables.info
  if (info === undefined) throw new RemoraError('RECORDING_INVALID', `${path} ends before it says anything`, { path })
  return {
    info,
    frames: tables.frames,
    stacks: tables.stacks,
    threads: tables.threads,
    runs: { [Symbol.iterator]: () => readRuns(file, runs) },
    trailingBytes: fs.fstatSync(file).size - end,
    close: () => fs.closeSync(file),
  }
}

/** Each payload is good until the next one is asked for. */
function* walkBlocks(file: number, start: number): Generator<{ kind: number; block: Block; payload: Buffer }> {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES)
  let bytes = Buffer.alloc(0)
  for (let at = start; ; ) {
    if (readAt(file, at, header).length < BLOCK_HEADER_BYTES) return
    const { kind, length, checksum: expected } = parseBlockHeader(header)
    if (length > MAX_BLOCK_BYTES) return
    if (length > bytes.length) bytes = Buffer.allocUnsafeSlow(length * 2)
    const block = { at: at + BLOCK_HEADER_BYTES, length }
    const payload = readAt(file, block.at, bytes.subarray(0, length))
    if (payload.length < length || checksum(kind, payload) !== expected) return
    yield { kind, block, payload }
    at = block.at + length
  }
}

class GrowingStacks implements StackTable {
  length = 1
  parents = new Uint32Array(1024)
  frames = new Uint32Array(1024)

  push(parent: number, frame: number): void {
    if (this.length === this.parents.length) {
      this.parents = enlarge(this.parents)
      this.frames = enlarge(this.frames)
    }
    this.parents[this.length] = parent
    this.frames[this.length++] = frame
  }
}

class Tables {
  readonly frames: ProfileFrame[] = []
  readonly stacks = new GrowingStacks()
  readonly threads: ProfileThread[] = []
  #info: Omit<ProfileInfo, 'durationMs' | 'sampling'> | undefined
  #outcome: Pick<ProfileInfo, 'durationMs' | 'sampling'> = { durationMs: 0, sampling: NOTHING_SAMPLED }

  get info(): ProfileInfo | undefined {
    return this.#info && { ...this.#info, ...this.#outcome }
  }

  /** Kinds that this version does not know are passed over. */
  take(kind: number, payload: Buffer): void {
    if (kind === BlockKind.info) this.#info = parse(payload)
    else if (kind === BlockKind.quality) this.#outcome = parse(payload)
    else if (kind === BlockKind.frames) this.frames.push(...parse<FrameRow[]>(payload).map(toFrame))
    else if (kind === BlockKind.stacks) this.#takeStacks(payload)
    else if (kind === BlockKind.threads) {
      for (const [index, thread] of parse<[number, ProfileThread][]>(payload)) this.threads[index] = thread
    }
  }

  #takeStacks(payload: Buffer): void {
    const reader = new ByteReader(payload)
    const count = Math.min(reader.varint(), payload.length >> 1)
    for (let stack = 0; stack < count; stack++) this.stacks.push(reader.varint(), reader.varint())
  }
}

type FrameRow = readonly [string, string, string, number, number, number, number, number]

function toFrame([name, qualifiedName, file, firstLine, line, endLine, column, endColumn]: FrameRow): ProfileFrame {
  return { function: name, qualifiedName, file, firstLine, line, endLine, column, endColumn }
}

function parse<T>(payload: Buffer): T {
  return JSON.parse(payload.toString('utf8')) as T
}

const NOTHING_SAMPLED = {
  rounds: 0,
  samples: 0,
  failed: 0,
  late: 0,
  rateHz: 0,
  intervalUs: { p50: 0, p95: 0, p99: 0, max: 0 },
  cpuMs: 0,
}
