import { expect, test } from 'vitest'
import type { PieceList } from '../../../memory/scatter.js'
import type { StackCopies } from '../copies/stack-copies.js'
import { CopyPlan } from './copy-plan.js'
import type { ProvedStack } from './proved-stack.js'
import { WalkedFrames } from './walked-frames.js'

const pieces = {} as PieceList

/** A plan for a stack of four frames that lie still. */
function createPlan(): CopyPlan {
  const copies: Partial<StackCopies> = {
    chunksAt: 0,
    elsewhereCount: 100,
    addPieces: () => {},
    chunkStart: () => 0,
    follow: () => true,
    include: () => true,
    use: () => {},
    forgetUnused: () => {},
    reset: () => {},
  }
  const proved: Partial<ProvedStack> = {
    slot: 0,
    count: 4,
    still: 3,
    sure: 2,
    addresses: new Float64Array(4),
    planEntries: () => new Set(),
    endOf: () => 0,
    replace: () => {},
    forget: () => {},
  }
  return new CopyPlan(copies as StackCopies, proved as ProvedStack)
}

const changes: Record<string, (plan: CopyPlan) => void> = {
  'new pieces': (plan) => plan.addPieces(pieces, 1),
  'another chunk': (plan) => plan.followChunks(),
  'nothing that is left': (plan) => plan.startAnew(),
  'another proved stack': (plan) => plan.prove(1, 2, new WalkedFrames(), 0),
  'no proved stack any more': (plan) => plan.forgetProved(),
  'frames that are not still': (plan) => plan.correctStill(1),
  'a frame elsewhere': (plan) => plan.include(8, new WalkedFrames()),
  'a thread that gets calm': (plan) => {
    while (plan.wantsTwoCopies) plan.countSample()
  },
}

// Plans of several threads are known by the sum of their versions, in which one that goes back would hide another.
test.each(Object.entries(changes))('%s: the version goes on', (_, change) => {
  const plan = createPlan()
  const { version } = plan
  change(plan)
  expect(plan.version).toBeGreaterThan(version)
})

test('a thread that has to be copied twice again: the version goes on', () => {
  const plan = createPlan()
  while (plan.wantsTwoCopies) plan.countSample()
  const { version } = plan
  plan.wantTwoCopies()
  expect(plan.wantsTwoCopies).toBe(true)
  expect(plan.version).toBeGreaterThan(version)
})

test('what leaves the plan as it is: the version stays', () => {
  const plan = createPlan()
  const { version } = plan
  plan.wantTwoCopies()
  plan.countSample()
  plan.addSecondLook(pieces)
  expect(plan.version).toBe(version)
})
