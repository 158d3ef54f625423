// asyncio tasks in a profile: a running task gets the samples of its thread, from its coroutine's frame inwards; tasks
// that wait get a sample each round. Tasks change only in steps, and each step is counted in its thread state
// (docs/architecture.md, "True stacks"): as long as that count stands still, what was read once holds.

import type { AsyncioOffsets } from '../../../cpython/asyncio/asyncio-offsets.js'
import { type AsyncioTarget, TypeCache } from '../../../cpython/asyncio/asyncio-target.js'
import { readCoroutineChain } from '../../../cpython/asyncio/coroutine-chain.js'
import { readTask, type Task } from '../../../cpython/asyncio/task.js'
import { readTaskList } from '../../../cpython/asyncio/task-list.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { InterpreterState } from '../../../cpython/runtime/interpreter.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { StackTree } from '../../tables/stack-tree.js'
import type { ThreadLayout } from '../copies/thread-layout.js'
import { type FrameTable, HIDDEN, TORN } from '../stack/frame-table.js'
import type { ThreadSampler } from './thread-sampler.js'

/** The low bits of a running task's address may be tags. */
const TAG_BITS = 8

/** One task at one moment: what it is called, and its stack in the tree. */
export interface TaskSample {
  readonly name: string
  readonly stack: number
}

interface WaitingTasks {
  readonly steps: number
  readonly tasks: readonly TaskSample[]
}

interface RunningTask {
  readonly steps: number
  readonly address: Address
  readonly task: Task
}

export class TaskSampler {
  readonly #target: AsyncioTarget
  readonly #layout: ThreadLayout
  readonly #frames: FrameTable
  readonly #stacks: StackTree
  readonly #waiting = new Map<Address, WaitingTasks>()
  readonly #running = new Map<Address, RunningTask>()
  /** Tasks that took a step while they were read. */
  failed = 0

  constructor(
    runtime: Runtime,
    asyncio: AsyncioOffsets,
    { layout, frames, stacks }: { layout: ThreadLayout; frames: FrameTable; stacks: StackTree },
  ) {
    this.#target = { runtime, asyncio, types: new TypeCache(runtime) }
    this.#layout = layout
    this.#frames = frames
    this.#stacks = stacks
  }

  /** The task that the newest copy of a thread is running; undefined when it runs none, or none that can be proved. */
  findRunning(sampler: ThreadSampler): TaskSample | undefined {
    const tagged = sampler.pointer(this.#layout.runningTask)
    const address = tagged - (tagged % TAG_BITS)
    if (address === 0) return undefined
    const steps = sampler.pointer(this.#layout.contextVersion)
    const known = this.#running.get(sampler.thread.address)
    const running =
      known?.steps === steps && known.address === address ? known : this.#readRunning(sampler, address, steps)
    if (running === undefined) return undefined
    const { gi_iframe } = this.#target.runtime.offsets.gen_object
    const stack = sampler.stackFrom(running.task.coroutine + gi_iframe)
    return stack === undefined ? undefined : { name: running.task.name, stack }
  }

  #readRunning(sampler: ThreadSampler, address: Address, steps: number): RunningTask | undefined {
    const thread = sampler.thread.address
    const task = unlessTorn(() => readTask(this.#target, address), undefined, 1)
    if (task === undefined || this.#readSteps(thread) !== steps) return undefined
    const running = { steps, address, task }
    this.#running.set(thread, running)
    return running
  }

  /** The tasks of a thread that wait, as they are now. */
  readWaiting(sampler: ThreadSampler, state: InterpreterState): readonly TaskSample[] {
    const thread = sampler.thread.address
    const steps = this.#readSteps(thread)
    const known = this.#waiting.get(thread)
    if (known !== undefined && known.steps === steps) return known.tasks
    const tasks: TaskSample[] = []
    const list = unlessTorn(() => readTaskList(this.#target, state), undefined)
    for (const [address, holder] of list?.tasks ?? []) {
      if (holder?.address !== thread || list?.running.has(address) === true) continue
      const before = this.#readSteps(thread)
      const task = unlessTorn(() => this.#readSuspended(address), undefined, 1)
      if (this.#readSteps(thread) !== before) this.failed++
      else if (task !== undefined) tasks.push(task)
    }
    if (steps !== undefined && this.#readSteps(thread) === steps) this.#waiting.set(thread, { steps, tasks })
    return tasks
  }

  #readSuspended(address: Address): TaskSample | undefined {
    const task = readTask(this.#target, address)
    if (task === undefined || task.state !== 'pending') return undefined
    const { frames, executing } = readCoroutineChain(this.#target, task.coroutine)
    if (executing !== 0) return undefined
    let stack = 0
    for (const { code, instruction, owner } of frames.toReversed()) {
      const frame = this.#frames.find(code, instruction, owner)
      if (frame === TORN) return undefined
      if (frame !== HIDDEN) stack = this.#stacks.child(stack, frame)
    }
    return { name: task.name, stack }
  }

  #readSteps(thread: Address): number | undefined {
    const { memory } = this.#target.runtime
    const [bytes] = memory.readMany([{ address: thread + this.#layout.contextVersion * 4, length: 8 }])
    return bytes && Number(bytes.readBigUInt64LE())
  }
}
