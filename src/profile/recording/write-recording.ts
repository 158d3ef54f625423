// Writes a recording as it grows: each batch of the sampler becomes a few blocks, put into the file by one write.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { ProfileFrame, ProfileInfo, SampleRuns, SamplingQuality } from '../profile.js'
import type { SampleBatch } from '../tables/sample-batch.js'
import { ByteWriter } from './bytes.js'
import { BlockKind, blockHeader, MAGIC } from './layout.js'

/** What is known when a recording begins. */
export type RecordingInfo = Omit<ProfileInfo, 'durationMs' | 'sampling'>

export class RecordingWriter {
  readonly path: string
  readonly #file: number
  readonly #varints = new ByteWriter()

  /** @throws RemoraError `OUTPUT_UNWRITABLE` */
  constructor(path: string, info: RecordingInfo) {
    this.path = path
    try {
      this.#file = fs.openSync(path, 'w', 0o600)
    } catch (cause) {
      throw toOutputError(path, cause)
    }
    try {
      this.#write([MAGIC, ...block(BlockKind.info, json(info))])
    } catch (error) {
      // Nothing can be read from it, and it would only lie there.
      if (fs.fstatSync(this.#file).isFile()) fs.unlinkSync(path)
      this.close()
      throw error
    }
  }

  /**
   * Appends a batch.
   * @throws RemoraError `OUTPUT_UNWRITABLE`; what was written before stays readable.
   */
  append({ frames, stacks, threads, runs, durationMs, quality }: SampleBatch, cpuMs: number): void {
    const pieces: Buffer[] = []
    if (frames.length > 0) pieces.push(...block(BlockKind.frames, json(frames.map(toRow))))
    if (stacks.parents.length > 0) pieces.push(...block(BlockKind.stacks, this.#encodeStacks(stacks)))
    if (threads.length > 0) pieces.push(...block(BlockKind.threads, json(threads)))
    if (runs.length > 0) pieces.push(...block(BlockKind.runs, this.#encodeRuns(runs)))
    const sampling: SamplingQuality = { ...quality, cpuMs: Math.round(cpuMs * 10) / 10 }
    pieces.push(...block(BlockKind.quality, json({ durationMs, sampling })))
    this.#write(pieces)
  }

  close(): void {
    fs.closeSync(this.#file)
  }

  #encodeStacks({ parents, frames }: SampleBatch['stacks']): Buffer {
    this.#varints.clear()
    this.#varints.varint(parents.length)
    for (const [index, parent] of parents.entries()) {
      this.#varints.varint(parent)
      this.#varints.varint(frames[index] as number)
    }
    return Buffer.from(this.#varints.bytes)
  }

  /** Column by column, which is read twice as fast as row by row. */
  #encodeRuns({ length, startUs, endUs, threads, stacks, counts, flags }: SampleRuns): Buffer {
    const out = this.#varints
    out.clear()
    out.varint(length)
    const start = (run: number): number => Math.round(startUs[run] as number)
    for (let run = 0, before = 0; run < length; run++) {
      out.varint(start(run) - before)
      before = start(run)
    }
    for (let run = 0; run < length; run++) out.varint(Math.max(Math.round(endUs[run] as number) - start(run), 0))
    for (const column of [threads, stacks, counts, flags]) {
      for (let run = 0; run < length; run++) out.varint(column[run] as number)
    }
    return Buffer.from(out.bytes)
  }

  #write(pieces: readonly Buffer[]): void {
    const bytes = Buffer.concat(pieces)
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(this.#file, bytes, at)
    } catch (cause) {
      throw toOutputError(this.path, cause)
    }
  }
}

function block(kind: number, payload: Buffer): [Buffer, Buffer] {
  return [blockHeader(kind, payload), payload]
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

/** The columns of a row of the frames' block. */
function toRow(frame: ProfileFrame): (string | number)[] {
  const { function: name, qualifiedName, file, firstLine, line, endLine, column, endColumn } = frame
  return [name, qualifiedName, file, firstLine, line, endLine, column, endColumn]
}

function toOutputError(path: string, cause: unknown): unknown {
  const code = systemErrorCode(cause)
  if (code === undefined) return cause
  return new RemoraError('OUTPUT_UNWRITABLE', `cannot write ${path}: ${reasons[code] ?? code}`, { path, cause })
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file has become too large',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'its directory does not exist',
  EISDIR: 'it is a directory',
}
