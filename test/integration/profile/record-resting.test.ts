// Threads that rest are not copied as long as the GIL stays with another one: each that moves shows in the very next look.

import { expect, test } from 'vitest'
import { readMainInterpreter } from '../../../src/cpython/runtime/interpreter.js'
import { identify } from '../../../src/process/identity.js'
import { layOutThread } from '../../../src/profile/sampler/copies/thread-layout.js'
import { InterpreterSampler, type SampleSink } from '../../../src/profile/sampler/interpreter-sampler.js'
import { openTarget } from '../../../src/profile/sampler/open-target.js'
import { FrameTable } from '../../../src/profile/sampler/stack/frame-table.js'
import type { ThreadSampler } from '../../../src/profile/sampler/thread/thread-sampler.js'
import { FrameList } from '../../../src/profile/tables/frame-list.js'
import { StackTree } from '../../../src/profile/tables/stack-tree.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

const MOVES = 100
const PACERS = 4

test.each(interpreters)('$name: a thread that moves once shows in the next look', async (interpreter) => {
  const program = await startTarget(interpreter, 'pacing.py')
  const { look } = openSampler(program.pid)
  const places = Array.from({ length: PACERS }, () => 'pace')
  for (let move = 0; move < MOVES; move++) {
    const pacer = (move * move) % PACERS
    // Some rest long, some hardly.
    for (let round = 0; round < move % 7; round++) look()
    program.type(String(pacer))
    places[pacer] = (await program.says('moved')) as string
    const seen = look()
    for (const [index, place] of places.entries()) expect(seen.get(`pacer ${index}`), `move ${move}`).toContain(place)
  }
  await program.finish()
})

// A round that keeps a void plan copies over the proved stack, and then finds that nothing has changed.
test.each(interpreters)('$name: a thread says that it is to be planned anew when it gets calm', async (interpreter) => {
  const program = await startTarget(interpreter, 'pacing.py')
  const { look, sampler } = openSampler(program.pid)
  const calmed = new Set<ThreadSampler>()
  for (let round = 0; round < 20; round++) {
    const before = sampler.threads.map(({ sampler: { wantsTwoCopies, version } }) => ({ wantsTwoCopies, version }))
    look()
    for (const [index, { sampler: thread }] of sampler.threads.entries()) {
      const { wantsTwoCopies = thread.wantsTwoCopies, version = -1 } = before[index] ?? {}
      if (wantsTwoCopies === thread.wantsTwoCopies) continue
      expect(thread.version).toBeGreaterThan(version)
      if (!thread.wantsTwoCopies) calmed.add(thread)
    }
    // No thread rests when another one has had the GIL.
    program.type('0')
    await program.says('moved')
  }
  expect(calmed.size).toBeGreaterThanOrEqual(PACERS)
  await program.finish()
})

interface OpenSampler {
  readonly sampler: InterpreterSampler
  /** Looks once at all threads: the functions of each, by the thread's name. */
  look(): ReadonlyMap<string | undefined, readonly string[]>
}

function openSampler(pid: number): OpenSampler {
  const { runtime, reader } = openTarget(identify({ pid }), new Map())
  const [list, stacks] = [new FrameList(), new StackTree()]
  const sampler = new InterpreterSampler({
    runtime,
    reader,
    layout: layOutThread(runtime),
    frames: new FrameTable(runtime, list, 'function'),
    stacks,
    state: readMainInterpreter(runtime),
    clock: () => performance.now() * 1000,
    looksTwice: false,
  })
  const functionsOf = (stack: number): string[] =>
    stack === 0
      ? []
      : [list.frames[stacks.frames[stack] as number]?.function ?? '', ...functionsOf(stacks.parents[stack] as number)]
  const look: OpenSampler['look'] = () => {
    const seen = new Map<string | undefined, string[]>()
    const take: SampleSink['take'] = ({ name }, stack) => void seen.set(name, functionsOf(stack))
    sampler.round({ take, at: () => {}, miss: () => {} })
    return seen
  }
  return { sampler, look }
}
