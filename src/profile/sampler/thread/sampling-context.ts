// What the sampler of one thread is given: which thread that is, and the context that it shares with the others of its
// interpreter.

import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { ScatterReader } from '../../../memory/scatter.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { FrameTable } from '../stack/frame-table.js'
import type { ThreadLayout } from '../stack/thread-layout.js'

export interface SampledThread {
  readonly address: Address
  readonly id: bigint
  readonly nativeId: number
}

export interface SamplingContext {
  readonly runtime: Runtime
  readonly reader: ScatterReader
  readonly layout: ThreadLayout
  readonly interpreter: Address
  readonly frames: FrameTable
  readonly stacks: StackTree
}
