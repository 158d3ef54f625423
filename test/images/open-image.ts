// The recorded images, opened for tests: a target that never moves, and what its program said of itself. Opening one
// finds the runtime in the recorded memory alone, as in a process whose files can no longer be read.

import fs from 'node:fs'
import path from 'node:path'
import type { AsyncioOffsets } from '../../src/cpython/asyncio/asyncio-offsets.js'
import { findRuntime, type Runtime } from '../../src/cpython/runtime/find-runtime.js'
import { type ImageFacts, parseImage } from '../../src/memory/image.js'
import { type Pages, RecordedMemory } from '../../src/memory/recorded.js'
import type { RemoteMemory } from '../../src/memory/remote-memory.js'
import { parseMaps } from '../../src/process/maps.js'
import type { StackFrame } from '../../src/unwind/read-stack.js'

export const imagesFolder = import.meta.dirname
const SUFFIX = '.image.gz'
/** No process has this PID, so that no file of a living one is taken for the recorded one's. */
const NO_PROCESS = 0

/** What `test/programs/parked` says of itself. Addresses are the target's `id()`. */
export interface Expected {
  readonly version: string
  readonly versionHex: number
  readonly abiFlags: string
  readonly mainThread: number
  readonly threads: readonly ExpectedThread[]
  readonly objects: {
    readonly ints: readonly [address: number, decimal: string][]
    readonly strs: readonly [address: number, text: string][]
    readonly dicts: Readonly<Record<string, readonly [address: number, entries: [key: number, value: number][]]>>
    readonly instances: Readonly<Record<string, readonly [address: number, attributes: [name: string, value: number][]]>>
  }
  readonly lineTables: readonly ExpectedLineTable[]
  /** What `repr()` says. */
  readonly values: readonly [address: number, text: string][]
  readonly tasks: readonly ExpectedTask[]
  /** The table of asyncio's offsets, which lies in a file that no image has: found by the recorder. */
  readonly asyncio: AsyncioOffsets
}

export interface ExpectedTask {
  readonly id: number
  readonly name: string
  /** Innermost first. */
  readonly calls: readonly [qualifiedName: string, line: number][]
  readonly awaitedBy: readonly number[]
}

export interface ExpectedThread {
  readonly ident: number
  /** Null for a thread that `threading` does not know. */
  readonly nativeId: number | null
  readonly name: string | null
  readonly frames: readonly StackFrame[]
}

export interface ExpectedLineTable {
  readonly name: string
  readonly firstLine: number
  /** `co_linetable` in hexadecimal digits. */
  readonly table: string
  /** Positions of the code units in order, equal neighbours as one. */
  readonly runs: readonly [units: number, ...position: (number | null)[]][]
}

export interface OpenImage {
  readonly name: string
  readonly facts: ImageFacts
  readonly expected: Expected
  readonly pages: Pages
  readonly runtime: Runtime
}

/** Every recorded image, each with memory of its own. */
export function openImages(): OpenImage[] {
  const files = fs.readdirSync(imagesFolder).filter((file) => file.endsWith(SUFFIX))
  if (files.length === 0) throw new Error('there are no images in test/images; make them with: npm run record-image')
  return files.map((file) => {
    const { facts, pages } = parseImage(fs.readFileSync(path.join(imagesFolder, file)))
    const runtime = findRecordedRuntime(facts, new RecordedMemory(pages))
    return { name: file.slice(0, -SUFFIX.length), facts, expected: facts.expected as Expected, pages, runtime }
  })
}

/** The runtime of an image as `memory` shows it: the whole of it, or with something changed. */
export function findRecordedRuntime(facts: Pick<ImageFacts, 'maps'>, memory: RemoteMemory): Runtime {
  return findRuntime({ pid: NO_PROCESS, memory, mappings: parseMaps(facts.maps) })
}
