// The walks over what the target links together, in memory drawn for the test: chains and lists that end, that lead
// back, that are torn, and that are as long as is still read, or longer.

import { describe, expect, test } from 'vitest'
import { structure } from '../../../test/fake-memory.js'
import { type FakeRuntime, fakeRuntime } from '../../../test/fake-objects.js'
import type { Address } from '../../memory/remote-memory.js'
import { HEAP_TYPE } from '../objects/type.js'
import type { InterpreterState } from '../runtime/interpreter.js'
import type { AsyncioOffsets } from './asyncio-offsets.js'
import { type AsyncioTarget, TypeCache } from './asyncio-target.js'
import { MAX_FUTURES_BETWEEN, readAwaitingTasks } from './awaiting-tasks.js'
import { MAX_CHAIN, readCoroutineChain } from './coroutine-chain.js'
import { type Future, readFuture } from './future.js'
import { MAX_TASKS, readTaskList } from './task-list.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })
const asyncio: AsyncioOffsets = {
  task: {
    size: 168,
    task_name: 136,
    task_awaited_by: 96,
    task_is_task: 108,
    task_awaited_by_is_set: 109,
    task_coro: 128,
    task_node: 152,
  },
  interpreter_state: { size: 20_000, asyncio_tasks_head: 10_000 },
  thread_state: { size: 1000, asyncio_running_loop: 900, asyncio_running_task: 908, asyncio_tasks_head: 916 },
  future: { size: 110, fut_loop: 16, fut_state: 104 },
  derived: { task_fut_waiter: 120, task_num_cancels_requested: 112 },
}

interface FakeTarget extends AsyncioTarget {
  readonly runtime: FakeRuntime
}

function fakeTarget(): FakeTarget {
  const runtime = fakeRuntime()
  return { runtime, asyncio, types: new TypeCache(runtime) }
}

function drawType({ runtime }: FakeTarget, name: string, { heap = false, base = 0 } = {}): Address {
  const { type_object } = runtime.offsets
  const tp_name = runtime.memory.place(Buffer.from(`${name}\0`))
  const flags = heap ? HEAP_TYPE : 0
  const words = {
    [type_object.tp_name]: tp_name,
    [type_object.tp_flags]: flags,
    [runtime.offsets.type_object.tp_base]: base,
  }
  return runtime.memory.place(structure(runtime.offsets.heap_type_object.ht_cached_keys + 8, words))
}

const SUSPENDED_IN_AWAIT = 2
const EXECUTING = 4

/** Coroutines of which each awaits the next, and the last one the object at `end`. */
function drawCoroutines(target: FakeTarget, count: number, end: Address, state = SUSPENDED_IN_AWAIT): Address {
  const { memory, offsets } = target.runtime
  const { gi_iframe, gi_frame_state } = offsets.gen_object
  const type = drawType(target, 'coroutine')
  const first = memory.place(Buffer.alloc(0))
  const BYTES = 544
  for (let index = 0; index < count; index++) {
    const at = first + index * BYTES
    const frame = at + gi_iframe
    const slot = gi_iframe + offsets.interpreter_frame.localsplus
    const next = index === count - 1 ? end : at + BYTES
    const words = {
      8: type,
      [slot]: next,
      [gi_iframe + offsets.interpreter_frame.stackpointer]: frame + offsets.interpreter_frame.localsplus + 16,
    }
    const bytes = structure(BYTES, words)
    bytes.writeInt8(index === count - 1 ? state : SUSPENDED_IN_AWAIT, gi_frame_state)
    memory.placeAt(at, bytes)
  }
  return first
}

describe('a chain of coroutines', () => {
  test('ends with what has no frame, whatever that is called', () => {
    const target = fakeTarget()
    const future = target.runtime.memory.place(
      structure(512, { 8: drawType(target, '_asyncio.FutureIter', { heap: true }) }),
    )
    const posing = target.runtime.memory.place(structure(512, { 8: drawType(target, 'coroutine', { heap: true }) }))
    for (const end of [0, future, posing]) {
      const { frames, executing } = readCoroutineChain(target, drawCoroutines(target, 3, end))
      expect([frames.length, executing]).toEqual([3, 0])
      // Innermost first.
      expect(frames.map(({ address }) => address)).toEqual(
        frames.map(({ address }) => address).toSorted((a, b) => b - a),
      )
    }
  })

  test('ends where a thread goes on', () => {
    const target = fakeTarget()
    const first = drawCoroutines(target, 3, 0, EXECUTING)
    const { frames, executing } = readCoroutineChain(target, first)
    expect(frames).toHaveLength(2)
    expect(executing).toBe(first + 2 * 544 + target.runtime.offsets.gen_object.gi_iframe)
  })

  test('that leads back, or whose end is torn, is not believed', () => {
    const target = fakeTarget()
    const { memory } = target.runtime
    const first = drawCoroutines(target, 3, 0)
    const { gi_iframe, gi_frame_state } = target.runtime.offsets.gen_object
    const slot = first + 2 * 544 + gi_iframe + target.runtime.offsets.interpreter_frame.localsplus
    // Itself, nowhere, and a tagged integer.
    for (const end of [first, 0x10, 0b1011]) {
      memory.write(slot, structure(8, { 0: end }))
      expect(() => readCoroutineChain(target, first)).toThrow(unreadable)
    }
    memory.write(first + gi_frame_state, Uint8Array.of(77))
    expect(() => readCoroutineChain(target, first)).toThrow(unreadable)
  })

  test('is read as far as is allowed', () => {
    const target = fakeTarget()
    expect(readCoroutineChain(target, drawCoroutines(target, MAX_CHAIN + 1, 0)).frames).toHaveLength(MAX_CHAIN)
  })
})

describe('the list of an interpreter', () => {
  /** An interpreter without threads and modules, whose list has nodes at these addresses. */
  function drawInterpreter({ runtime }: FakeTarget, nodes: readonly Address[]): InterpreterState {
    const address = runtime.memory.place(Buffer.alloc(asyncio.interpreter_state.size))
    const ring = [address + asyncio.interpreter_state.asyncio_tasks_head, ...nodes]
    ring.forEach((at, index) => {
      const [next, prev] = [ring[(index + 1) % ring.length], ring.at(index - 1)] as [number, number]
      runtime.memory.placeAt(at, structure(16, { 0: next, 8: prev }))
    })
    return { address, id: 0, remoteDebugging: true, threadsHead: 0, threadsMain: 0, gil: 0, codeGeneration: '' }
  }
  function read(target: FakeTarget, interpreter: InterpreterState) {
    const interpreter_state = { threads_head: 0, imports_modules: 8 }
    const runtime = { ...target.runtime, offsets: { ...target.runtime.offsets, interpreter_state } } as never
    const { tasks, complete } = readTaskList({ ...target, runtime }, interpreter)
    return { tasks: [...tasks.keys()], complete }
  }
  const nodesAt = (count: number) => Array.from({ length: count }, (_, index) => 0x5000_0000 + index * 16)
  const toTasks = (nodes: readonly Address[]) => nodes.map((node) => node - asyncio.task.task_node)

  test('is empty, or has tasks', () => {
    for (const count of [0, 1, 3]) {
      const target = fakeTarget()
      const nodes = nodesAt(count)
      expect(read(target, drawInterpreter(target, nodes))).toEqual({ tasks: toTasks(nodes), complete: true })
    }
  })

  test('is believed as far as each node points back', () => {
    const target = fakeTarget()
    const nodes = nodesAt(4)
    const interpreter = drawInterpreter(target, nodes)
    const [second, third] = nodes.slice(1) as [number, number]
    const cut = { tasks: toTasks(nodes.slice(0, 2)), complete: false }
    target.runtime.memory.write(third + 8, structure(8, { 0: nodes[0] as number }))
    expect(read(target, interpreter)).toEqual(cut)
    // Unlinked, leading back, and leading nowhere.
    for (const next of [0, nodes[0] as number, 0x10]) {
      target.runtime.memory.write(second, structure(8, { 0: next }))
      expect(read(target, interpreter)).toEqual(cut)
    }
  })

  test('is read as far as is allowed', () => {
    const target = fakeTarget()
    const nodes = nodesAt(MAX_TASKS + 1)
    const interpreter = drawInterpreter(target, nodes)
    const { tasks, complete } = read(target, interpreter)
    expect([tasks.length, complete]).toEqual([MAX_TASKS, false])
    expect(read(target, drawInterpreter(target, nodes.slice(1))).complete).toBe(true)
  })
})

describe('who awaits a task', () => {
  function drawFuture({ runtime }: FakeTarget, type: Address, awaitedBy: Address, isTask = false): Address {
    const bytes = structure(asyncio.task.size, { 8: type, [asyncio.task.task_awaited_by]: awaitedBy })
    bytes.writeUInt8(isTask ? 1 : 0, asyncio.task.task_is_task)
    return runtime.memory.place(bytes)
  }

  /** A task, and above it `count` futures, the last of which is awaited by the task that is told. */
  function drawChain(target: FakeTarget, count: number) {
    const future = drawType(target, '_asyncio.Future', { heap: true })
    const task = drawType(target, '_asyncio.Task', { heap: true, base: future })
    const last = drawFuture(target, drawType(target, 'MyTask', { heap: true, base: task }), 0, true)
    let waiter = last
    let outermost = 0
    for (let index = 0; index < count; index++) {
      waiter = drawFuture(target, future, waiter)
      outermost ||= waiter
    }
    return { first: readFuture(target, drawFuture(target, task, waiter, true)) as Future, last, outermost }
  }

  test('directly, and by way of futures, as many as is allowed', () => {
    for (const count of [0, 1, 5, MAX_FUTURES_BETWEEN - 1]) {
      const target = fakeTarget()
      const { first, last } = drawChain(target, count)
      expect(readAwaitingTasks(target, first)).toEqual([last])
    }
    const target = fakeTarget()
    expect(readAwaitingTasks(target, drawChain(target, MAX_FUTURES_BETWEEN).first)).toEqual([])
  })

  test('by futures that await each other in a ring', () => {
    const target = fakeTarget()
    const { first, outermost } = drawChain(target, 3)
    target.runtime.memory.write(
      outermost + asyncio.task.task_awaited_by,
      structure(8, { 0: first.awaitedBy[0] as number }),
    )
    expect(readAwaitingTasks(target, first)).toEqual([])
  })
})
