// The sampler on a program that never stands still: no stack that it cannot have; and one that recurses very deep, or
// has very many threads. record-without-koffi.test.ts has the maze without batched reads.

import { describe, expect, test } from 'vitest'
import { CodeCache } from '../../../src/cpython/code/code.js'
import { pointerAt } from '../../../src/cpython/pointer.js'
import { unlessTorn } from '../../../src/cpython/retry-torn.js'
import type { Runtime } from '../../../src/cpython/runtime/find-runtime.js'
import { readMainInterpreter, readThreads, type ThreadState } from '../../../src/cpython/runtime/interpreter.js'
import type { Address } from '../../../src/memory/remote-memory.js'
import { PieceList } from '../../../src/memory/scatter.js'
import { identify } from '../../../src/process/identity.js'
import type { Profile, ProfileFrame } from '../../../src/profile/profile.js'
import { openTarget } from '../../../src/profile/sampler/open-target.js'
import { runSampler, type SamplerOptions } from '../../../src/profile/sampler/sampler.js'
import type { SampleBatch } from '../../../src/profile/tables/sample-batch.js'
import { readFrames } from '../../../src/unwind/find-frame.js'
import { readRunSeconds } from '../../harness/account.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { isPossibleInMaze } from '../../harness/maze.js'
import { startTarget } from '../../harness/target.js'

const CHANGES = Number(process.env.REMORA_ROUNDS ?? 300)
const DEEP = 3000
const DEPTHS = 4
/**
 * For so long a program has run, rather than waited for a CPU: while it waits, all looks find the same, and what they
 * find by chance they find again and again.
 */
const RUN_SECONDS = 1

describe.each(interpreters)('$name', (interpreter) => {
  test(`${CHANGES} stacks of a maze: none that it cannot have`, { timeout: 600_000 }, async () => {
    const program = await startTarget(interpreter, 'maze.py')
    const calls = (await program.says('calls')) as Record<string, string>
    // On a busy machine many samples find a program that has not gone on: those that found another stack are counted.
    const isEnough = (sampled: Sampled): boolean => sampled.changes >= CHANGES && countDepths(sampled) >= DEPTHS
    const profile = sample({ pid: program.pid, rateHz: 0 }, isEnough)
    expect(countDepths(profile)).toBeGreaterThanOrEqual(DEPTHS)
    const stacks = [...stacksOf(profile)]
    const { samples, failed } = profile.quality
    console.log(`${interpreter.name}: ${samples} samples, ${failed} failed`)
    // How many failed is printed and not judged: this program moves all the time, and whether it stands still for two
    // copies is up to what else runs on the machine.
    const impossible = stacks.filter(({ frames }) => !isPossibleInMaze(frames, calls))
    expect(impossible.map(({ frames }) => frames.map(({ function: name }) => name).join(' '))).toEqual([])
    expect(stacks.reduce((sum, { count }) => sum + count, 0)).toBe(samples)
    await program.finish()
  })
})

describe.each(interpreters)('$name', (interpreter) => {
  test('a maze of generators: no stack that it cannot have', { timeout: 60_000 }, async () => {
    const program = await startTarget(interpreter, 'maze.py', { arguments: ['generators'] })
    const calls = (await program.says('calls')) as Record<string, string>
    const profile = sample({ pid: program.pid, rateHz: 0 }, ({ changes }) => changes >= CHANGES)
    for (const { frames } of stacksOf(profile)) expect(isPossibleInMaze(frames, calls), told(frames)).toBe(true)
    await program.finish()
  })

  test.each([
    ['shared', /^main:\d+$|^main:37 outer:20( inner:\d+)?$|^main:39 inner:\d+$/],
    ['replaced', /^main:\d+$|^main:42 first:\d+$|^main:44 second:\d+$/],
  ])('%s generators: each only where it was resumed', { timeout: 60_000 }, async (kind, possible) => {
    const program = await startTarget(interpreter, 'handed_on.py', { arguments: [kind] })
    const profile = sample({ pid: program.pid, rateHz: 0 }, ({ changes }) => changes >= CHANGES * 10)
    for (const { frames } of stacksOf(profile)) {
      const stack = told(frames)
      if (stack.startsWith('main')) expect(stack).toMatch(possible)
    }
    await program.kill()
  })
})

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('generators that delegate, twenty deep: none is left out', { timeout: 60_000 }, async () => {
    const program = await startTarget(interpreter, 'extremes.py', { arguments: ['chained'] })
    const begun = readRunSeconds(program.pid)
    const isEnough = (): boolean => readRunSeconds(program.pid) >= begun + RUN_SECONDS
    const profile = sample({ pid: program.pid, rateHz: 1000 }, isEnough)
    let inside = 0
    for (const { frames, count } of stacksOf(profile)) {
      expect(told(frames)).toMatch(/^chained:\d+( links:78){0,20}( links:[78]\d)?$|^chained:\d+ ready/)
      if (frames.length > 2) inside += count
    }
    const { samples, failed } = profile.quality
    const seen = shareOfCallee(program.pid, 'chained')
    console.log(`${interpreter.name}: ${inside / samples} of the samples, ${seen} of the looks, ${failed} failed`)
    expect(Math.abs(inside / samples - seen)).toBeLessThan(0.15)
    expect(failed).toBeLessThan(samples / 10)
    await program.kill()
  })

  test('a maze three thousand calls deep: no stack that it cannot have', async () => {
    const program = await startTarget(interpreter, 'maze.py', { arguments: [String(DEEP)] })
    const calls = (await program.says('calls')) as Record<string, string>
    const profile = sample({ pid: program.pid, rateHz: 0 }, ({ quality }) => quality.samples >= CHANGES)
    for (const { frames } of stacksOf(profile)) expect(isPossibleInMaze(frames, calls, DEEP)).toBe(true)
    const { samples, failed } = profile.quality
    console.log(`${interpreter.name}: ${samples} true, ${failed} failed`)
    await program.finish()
  })

  test('ten thousand calls deep, and up and down a few hundred of them', async () => {
    const profile = await sampleProgram(interpreter, 'deep', 100)
    const { samples, failed } = profile.quality
    expect(failed).toBeLessThan(samples / 10)
    for (const { frames } of stacksOf(profile)) {
      const downs = frames.filter(({ function: name }) => name === 'down').length
      expect(downs).toBe(10_001)
      expect(frames.filter(({ function: name }) => name === 'hop').length).toBe(frames.length - downs - 2)
    }
  })

  test.each([
    ['short', 'square'],
    ['resumed', 'squares'],
  ])(
    '%s: some nanoseconds in a call have the share of the looks at one word that find them',
    { timeout: 300_000 },
    async (caller, callee) => {
      const program = await startTarget(interpreter, 'extremes.py', { arguments: [caller] })
      const begun = readRunSeconds(program.pid)
      const isEnough = (): boolean => readRunSeconds(program.pid) >= begun + RUN_SECONDS
      const profile = sample({ pid: program.pid, rateHz: 1000 }, isEnough)
      let inCall = 0
      for (const { frames, count } of stacksOf(profile)) {
        const names = frames.map(({ function: name }) => name)
        if (names[0] === callee) inCall += count
        expect([
          [caller, '<module>'],
          [callee, caller, '<module>'],
          // Where a busy machine may have stopped it when it had just said that it is ready.
          ['ready', caller, '<module>'],
          ['say', 'ready', caller, '<module>'],
        ]).toContainEqual(names)
      }
      const share = inCall / profile.quality.samples
      const seen = shareOfCallee(program.pid, caller)
      console.log(`${interpreter.name}: ${share.toFixed(3)} of the samples, ${seen.toFixed(3)} of the looks`)
      expect(share).toBeGreaterThan(seen * 0.4)
      expect(share).toBeLessThan(seen * 3)
      await program.kill()
    },
  )

  test('500 threads', async () => {
    const profile = await sampleProgram(interpreter, 'crowd', 5_000)
    expect(profile.threads.filter((thread) => thread !== undefined)).toHaveLength(500)
    expect(profile.quality.failed).toBeLessThan(profile.quality.samples / 100)
    const names = new Set(profile.threads.map(({ name }) => name))
    for (const number of [0, 250, 498]) expect(names).toContain(`member ${number}`)
  })
})

/** From the outermost function of the program inwards. */
function told(frames: readonly ProfileFrame[]): string {
  const inwards = frames.toReversed().slice(1)
  return inwards.map(({ function: name, line }) => `${name}:${line}`).join(' ')
}

/**
 * How often the current frame is not that of the function `caller`: one word at any moment, read as the sampler reads, since
 * how a word is read changes what is seen of a program that writes it every 20 ns.
 */
function shareOfCallee(pid: number, caller: string): number {
  const { runtime, reader } = openTarget(identify({ pid }), new Map())
  const [thread] = readThreads(runtime, readMainInterpreter(runtime)) as [ThreadState]
  const callerFrame = findFrame(runtime, thread, caller)
  const buffer = reader.allocate(8)
  const word = new PieceList(reader)
  word.add(thread.address + runtime.offsets.thread_state.current_frame, 8, buffer, 0)
  let inCallee = 0
  let looks = 0
  const begun = readRunSeconds(pid)
  for (; looks % 100 > 0 || readRunSeconds(pid) < begun + RUN_SECONDS; looks++) {
    reader.read(word)
    if (pointerAt(buffer.bytes, 0) !== callerFrame) inCallee++
    const next = performance.now() + Math.random()
    while (performance.now() < next);
  }
  reader.close()
  return inCallee / looks
}

function countDepths(sampled: Sampled): number {
  return new Set([...stacksOf(sampled)].map(({ frames }) => frames.length)).size
}

function findFrame(runtime: Runtime, thread: ThreadState, name: string): Address {
  const codes = new CodeCache(runtime)
  for (;;) {
    const found = unlessTorn(() => readFrames(runtime, thread, codes), [])
    const match = found.find(({ code }) => code.name === name)
    if (match !== undefined) return match.frame.address
  }
}

async function sampleProgram(interpreter: Interpreter, how: string, samples: number): Promise<Sampled> {
  const program = await startTarget(interpreter, 'extremes.py', { arguments: [how] })
  const profile = sample({ pid: program.pid, rateHz: 200 }, ({ quality }) => quality.samples >= samples)
  await program.kill()
  return profile
}

interface Sampled extends Pick<Profile, 'threads'> {
  readonly frames: ProfileFrame[]
  readonly parents: number[]
  readonly stackFrames: number[]
  readonly counts: Map<number, number>
  quality: SampleBatch['quality']
  /** Runs: how often a sample found another stack than the one before. */
  changes: number
}

/** Samples in this very thread, until there are enough. */
function sample(
  { pid, rateHz }: Pick<SamplerOptions, 'rateHz'> & { readonly pid: number },
  isEnough: (sampled: Sampled) => boolean,
): Sampled {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const threads: Sampled['threads'][number][] = []
  const sampled: Sampled = {
    changes: 0,
    threads,
    frames: [],
    parents: [0],
    stackFrames: [0],
    counts: new Map(),
    quality: NOTHING,
  }
  const rest = { mode: 'wall', idle: false, granularity: 'line', children: false, tasks: false } as const
  const options = { ...rest, process: identify({ pid }), rateHz, durationMs: 300_000, batchMs: 20 }
  runSampler(options, stop, (batch) => {
    sampled.frames.push(...batch.frames)
    for (const parent of batch.stacks.parents) sampled.parents.push(parent)
    for (const frame of batch.stacks.frames) sampled.stackFrames.push(frame)
    for (const [index, thread] of batch.threads) threads[index] = thread
    for (let run = 0; run < batch.runs.length; run++) {
      const stack = batch.runs.stacks[run] as number
      sampled.counts.set(stack, (sampled.counts.get(stack) ?? 0) + (batch.runs.counts[run] as number))
    }
    sampled.quality = batch.quality
    sampled.changes += batch.runs.length
    if (isEnough(sampled)) Atomics.store(stop, 0, 1)
  })
  return sampled
}

const NOTHING = { rounds: 0, samples: 0, failed: 0, late: 0, rateHz: 0, intervalUs: { p50: 0, p95: 0, p99: 0, max: 0 } }

function* stacksOf({
  counts,
  frames,
  parents,
  stackFrames,
}: Sampled): Generator<{ frames: ProfileFrame[]; count: number }> {
  for (const [stack, count] of counts) {
    const found: ProfileFrame[] = []
    for (let at = stack; at !== 0; at = parents[at] as number) {
      found.push(frames[stackFrames[at] as number] as ProfileFrame)
    }
    yield { frames: found, count }
  }
}
