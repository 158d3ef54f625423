// An image on disk: one gzip file of a line of JSON and the pages it names. The line tells what no page can: which
// process it was, what the system said of it, and what the program said of itself, for the tests to compare with.

import { gunzipSync, gzipSync } from 'node:zlib'
import { PAGE_BYTES } from './page.js'
import type { Pages } from './recorded.js'
import type { Address } from './remote-memory.js'

const FORMAT = 1
const NEWLINE = 0x0a

/** What an image tells about the process whose memory it is. */
export interface ImageFacts {
  /** Version of the interpreter: `3.14.8`. */
  readonly python: string
  /** What was recorded, in a few words. */
  readonly shows: string
  readonly pid: number
  /** Texts of /proc/PID/maps and /proc/PID/status. */
  readonly maps: string
  readonly status: string
  /** Address of `_PyRuntime`. */
  readonly runtime: Address
  /** What the program said of itself; the tests know its shape. */
  readonly expected: unknown
}

export interface Image {
  readonly facts: ImageFacts
  readonly pages: Pages
}

export function formatImage({ facts, pages }: Image): Buffer {
  const header = JSON.stringify({ format: FORMAT, ...facts, runs: toRuns([...pages.keys()]) })
  return gzipSync(Buffer.concat([Buffer.from(`${header}\n`), ...pages.values()]), { level: 9 })
}

/** @throws Error when these bytes are no image of this format. */
export function parseImage(file: Buffer): Image {
  const bytes = gunzipSync(file)
  const headerEnd = bytes.indexOf(NEWLINE)
  const { format, runs, ...facts } = JSON.parse(bytes.toString('utf8', 0, headerEnd)) as ImageHeader
  if (format !== FORMAT)
    throw new Error(`this is no image of format ${FORMAT}; make it anew with: npm run record-image`)
  const pages = new Map<Address, Buffer>()
  let at = headerEnd + 1
  for (const [first, count] of runs) {
    for (let index = 0; index < count; index++, at += PAGE_BYTES) {
      pages.set(first + index * PAGE_BYTES, bytes.subarray(at, at + PAGE_BYTES))
    }
  }
  if (at !== bytes.length) throw new Error('the image is cut off; make it anew with: npm run record-image')
  return { facts, pages }
}

interface ImageHeader extends ImageFacts {
  readonly format: number
  readonly runs: readonly Run[]
}

/** Pages that follow each other: the address of the first one, and their number. */
type Run = [first: Address, count: number]

function toRuns(addresses: readonly Address[]): Run[] {
  const runs: Run[] = []
  for (const address of addresses) {
    const last = runs.at(-1)
    if (last !== undefined && address === last[0] + last[1] * PAGE_BYTES) last[1]++
    else runs.push([address, 1])
  }
  return runs
}
