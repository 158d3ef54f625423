// What the sampler of one thread shares with those of the others of its interpreter.

import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { ScatterReader } from '../../../memory/scatter.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { ThreadLayout } from '../copies/thread-layout.js'
import type { FrameTable } from './frame-table.js'

export interface SamplingContext {
  readonly runtime: Runtime
  readonly reader: ScatterReader
  readonly layout: ThreadLayout
  readonly interpreter: Address
  readonly frames: FrameTable
  readonly stacks: StackTree
}
