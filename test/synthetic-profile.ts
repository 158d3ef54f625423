// Profiles for the tests of the formats: a small one of a web shop, where every number is known, and one of any size
// from a seed.

import {
  emptyRuns,
  type Profile,
  type ProfileFrame,
  type ProfileInfo,
  type ProfileThread,
  SampleFlag,
  type SampleRuns,
} from '../src/profile/profile.js'

const info: ProfileInfo = {
  pid: 4242,
  python: '3.14.8',
  command: 'python3.14 -m shop --workers 2',
  startedAt: '2026-02-03T04:05:06.000Z',
  durationMs: 10,
  intervalUs: 1000,
  mode: 'wall',
  sampling: {
    rounds: 10,
    samples: 18,
    failed: 1,
    late: 0,
    rateHz: 1000,
    intervalUs: { p50: 1000, p95: 1010, p99: 1050, max: 1200 },
    cpuMs: 1,
  },
}

export interface ProfileSource {
  readonly frames: readonly ProfileFrame[]
  /** Parent and frame of each stack from 1 on. */
  readonly stacks: readonly (readonly [number, number])[]
  readonly threads: readonly ProfileThread[]
  readonly runs: readonly RunSource[]
  readonly info?: Partial<ProfileInfo>
}

export interface RunSource {
  readonly thread: number
  readonly stack: number
  readonly startUs: number
  readonly endUs: number
  readonly count: number
  readonly flags?: number
}

export function makeProfile({ frames, stacks, threads, runs, info: own }: ProfileSource): Profile {
  return {
    info: { ...info, ...own },
    frames,
    stacks: {
      length: stacks.length + 1,
      parents: Uint32Array.from([0, ...stacks.map(([parent]) => parent)]),
      frames: Uint32Array.from([0, ...stacks.map(([, frame]) => frame)]),
    },
    threads,
    // In pieces of two, so that every reader has to go on from piece to piece.
    runs: Array.from({ length: Math.ceil(runs.length / 2) }, (_, at) => toPiece(runs.slice(at * 2, at * 2 + 2))),
  }
}

export function frame(qualifiedName: string, file: string, line: number, firstLine = line): ProfileFrame {
  const name = qualifiedName.split('.').at(-1) ?? qualifiedName
  return { function: name, qualifiedName, file, firstLine, line, endLine: line, column: 4, endColumn: 20 }
}

export function thread(name: string, own: Partial<ProfileThread> = {}): ProfileThread {
  return { pid: 4242, id: 140_000_000_000, nativeId: 4242, name, main: name === 'MainThread', ...own }
}

export const shop: ProfileSource = {
  frames: [
    frame('<module>', '/srv/shop/app.py', 40, 1),
    frame('Cart.total', '/srv/shop/cart.py', 12, 10),
    frame('Cart.total', '/srv/shop/cart.py', 14, 10),
    frame('price; "of" <item>', '/srv/shop/prices.py', 7, 5),
    frame('Thread.run', '/usr/lib/python3.14/threading.py', 1024, 1000),
    frame('fib', '/srv/shop/fib.py', 3, 1),
    frame('größe', '/srv/shop/site-packages/größe.py', 2, 1),
    { ...frame('<GC>', '~', 0), column: -1, endColumn: -1 },
  ],
  stacks: [
    [0, 0],
    [1, 1],
    [1, 2],
    [3, 3],
    [0, 4],
    [5, 5],
    [6, 5],
    [7, 6],
    [4, 7],
  ],
  threads: [
    thread('MainThread'),
    thread('worker', { nativeId: 4243, id: 140_000_000_001 }),
    thread('MainThread', { task: 'checkout' }),
  ],
  runs: [
    { thread: 0, stack: 2, startUs: 0, endUs: 3000, count: 3, flags: SampleFlag.onCpu | SampleFlag.holdsGil },
    { thread: 1, stack: 7, startUs: 0, endUs: 2000, count: 2 },
    { thread: 0, stack: 4, startUs: 3000, endUs: 5000, count: 2, flags: SampleFlag.onCpu },
    { thread: 1, stack: 8, startUs: 2000, endUs: 5000, count: 3 },
    { thread: 0, stack: 4, startUs: 5000, endUs: 6000, count: 1, flags: SampleFlag.onCpu },
    { thread: 0, stack: 9, startUs: 8000, endUs: 9000, count: 1, flags: SampleFlag.collectingGarbage },
    { thread: 2, stack: 2, startUs: 5000, endUs: 9000, count: 4 },
    { thread: 0, stack: 1, startUs: 9000, endUs: 10_000, count: 1 },
    { thread: 1, stack: 0, startUs: 9000, endUs: 10_000, count: 1 },
  ],
}

/** Samples of each of its functions, by itself and in all: recursion counts once. */
export const shopCosts: Readonly<Record<string, { self: number; total: number }>> = {
  '<module>': { self: 1, total: 12 },
  'Cart.total': { self: 7, total: 11 },
  'price; "of" <item>': { self: 3, total: 4 },
  '<GC>': { self: 1, total: 1 },
  'Thread.run': { self: 0, total: 5 },
  fib: { self: 2, total: 5 },
  größe: { self: 3, total: 3 },
}

/** The shop of an earlier day: prices took nothing, and another function did. */
export const olderShop: ProfileSource = {
  ...shop,
  frames: shop.frames.with(3, frame('discount', '/srv/shop/prices.py', 30, 28)),
  info: { startedAt: '2026-02-01T04:05:06.000Z' },
}

export interface RandomOptions {
  readonly runs: number
  readonly stacks?: number
  readonly threads?: number
  readonly depth?: number
  /** The most samples in a run. */
  readonly longest?: number
}

/** A profile of any size; the same for the same options. */
export function randomProfile({ runs, stacks = 5000, threads = 4, depth = 20, longest = 1 }: RandomOptions): Profile {
  const random = randomFrom(42)
  const files = ['/srv/shop/app.py', '/srv/shop/site-packages/orm/query.py', '/usr/lib/python3.14/json/decoder.py']
  const frames = Array.from({ length: 2000 }, (_, at) => {
    const name = `${words[at % words.length]}_${words[(at * 7) % words.length]}_${at % 300}`
    return frame(name, files[at % files.length] as string, 10 + (at % 90), 10)
  })
  const links: [number, number][] = []
  const depths = [0]
  const reach = Math.ceil(stacks / depth) * 2
  for (let stack = 1; stack <= stacks; stack++) {
    const near = Math.max(0, stack - 1 - Math.floor(random() * reach))
    const parent = stack < threads ? 0 : (depths[near] as number) < depth ? near : 0
    links.push([parent, Math.floor(random() * frames.length)])
    depths.push((depths[parent] as number) + 1)
  }
  const source = { frames, stacks: links, runs: [] }
  const list = Array.from({ length: threads }, (_, at) =>
    thread(at === 0 ? 'MainThread' : `worker-${at}`, { nativeId: 4242 + at }),
  )
  const pieces = randomRuns({ runs, stacks, threads, longest })
  const profile = makeProfile({ ...source, threads: list, info: { intervalUs: 100, ...sizeOf(pieces) } })
  return { ...profile, runs: pieces }
}

function sizeOf(pieces: readonly SampleRuns[]): Pick<ProfileInfo, 'durationMs' | 'sampling'> {
  let samples = 0
  let endUs = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at++) {
      samples += piece.counts[at] as number
      endUs = Math.max(endUs, piece.endUs[at] as number)
    }
  }
  return { durationMs: endUs / 1000, sampling: { ...info.sampling, samples, rateHz: 10_000 } }
}

const words = [
  'load',
  'parse',
  'render',
  'query',
  'encode',
  'sort',
  'merge',
  'fetch',
  'cache',
  'visit',
  'flush',
  'build',
]

function randomRuns({ runs, stacks, threads, longest }: Required<Omit<RandomOptions, 'depth'>>): SampleRuns[] {
  const random = randomFrom(7)
  const clocks = new Float64Array(threads)
  const pieces: SampleRuns[] = []
  for (let done = 0; done < runs; done += PIECE) {
    const piece = emptyRuns(Math.min(PIECE, runs - done))
    for (let at = 0; at < piece.length; at++) {
      // The one that is behind: runs come in the order of their start.
      const thread = clocks.indexOf(Math.min(...clocks))
      const count = 1 + Math.floor(random() * longest)
      const start = clocks[thread] as number
      clocks[thread] = start + count * 100
      piece.startUs[at] = start
      piece.endUs[at] = clocks[thread] as number
      piece.threads[at] = thread
      // Squared, as some stacks are far more frequent than others.
      piece.stacks[at] = 1 + Math.floor(random() ** 2 * stacks)
      piece.counts[at] = count
      piece.flags[at] = SampleFlag.onCpu
    }
    pieces.push(piece)
  }
  return pieces
}

const PIECE = 65_536

/** Runs as they lie in a profile. */
export function toPiece(runs: readonly RunSource[]): SampleRuns {
  const piece = emptyRuns(runs.length)
  for (const [at, { thread, stack, startUs, endUs, count, flags = 0 }] of runs.entries()) {
    piece.startUs[at] = startUs
    piece.endUs[at] = endUs
    piece.threads[at] = thread
    piece.stacks[at] = stack
    piece.counts[at] = count
    piece.flags[at] = flags
  }
  return piece
}

/** Numbers from 0 to 1 that look random and are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
