// What the readers of one thread's stack share: its copies, what is proved of them, and what is planned.

import { CopiedFrames } from '../copies/copied-frames.js'
import { CopiedThread, type SampledThread } from '../copies/copied-thread.js'
import { StackCopies } from '../copies/stack-copies.js'
import { CopyPlan } from './copy-plan.js'
import { ProvedStack } from './proved-stack.js'
import { Resumptions } from './resumptions.js'
import type { SamplingContext } from './sampling-context.js'
import { WalkedFrames } from './walked-frames.js'

export interface StackParts {
  readonly copies: StackCopies
  readonly thread: CopiedThread
  readonly frames: CopiedFrames
  readonly proved: ProvedStack
  readonly plan: CopyPlan
  readonly walked: WalkedFrames
  readonly resumptions: Resumptions
}

export function createStackParts(thread: SampledThread, context: SamplingContext): StackParts {
  const { reader, runtime, layout, interpreter } = context
  const copies = new StackCopies(reader, runtime, layout, thread.address)
  const frames = new CopiedFrames(copies, runtime)
  const proved = new ProvedStack(copies, frames)
  return {
    copies,
    thread: new CopiedThread(copies, layout, thread, interpreter),
    frames,
    proved,
    plan: new CopyPlan(copies, proved),
    walked: new WalkedFrames(),
    resumptions: new Resumptions(runtime, copies, frames),
  }
}
