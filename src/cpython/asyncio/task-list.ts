// Every task of an interpreter that has not ended. C tasks hang on a list of the thread that runs their loop, or, when
// that thread has gone, of the interpreter; tasks written in Python are in two sets of the module `asyncio.tasks`; and
// one of another package is seen while it is running. Lists change while they are read: a node is believed when it points
// back to the one before it. Follows Modules/_asynciomodule.c (register_task, all_tasks) at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { findDictValue } from '../objects/containers/dict.js'
import { readSet } from '../objects/containers/set.js'
import { pointerAt, readPointer } from '../pointer.js'
import { unlessTorn } from '../retry-torn.js'
import { type InterpreterState, readThreads, type ThreadState } from '../runtime/interpreter.js'
import { findModuleDict } from '../runtime/sys-module.js'
import type { AsyncioTarget } from './asyncio-target.js'
import { readNamedAttributes } from './future.js'

export interface TaskList {
  /** The thread on whose list each task hangs, undefined for tasks that hang on none. */
  readonly tasks: ReadonlyMap<Address, ThreadState | undefined>
  /** The task that each thread is running. */
  readonly running: ReadonlyMap<Address, ThreadState>
  readonly threads: readonly ThreadState[]
  /** False when a list changed each time it was read, or was too long: tasks may be missing. */
  readonly complete: boolean
}

/** The tasks of one list, or set, that are read at most. */
export const MAX_TASKS = 262_144
const LIST_ATTEMPTS = 20
/** The low bits of a running task's address may be tags. */
const TAG_BITS = 8

export function readTaskList(target: AsyncioTarget, interpreter: InterpreterState): TaskList {
  const { interpreter_state, thread_state } = target.asyncio
  const threads = readThreads(target.runtime, interpreter).filter(({ usable }) => usable)
  const tasks = new Map<Address, ThreadState | undefined>()
  let complete = true
  const add = (found: Found, thread?: ThreadState): void => {
    for (const task of found.tasks) if (!tasks.has(task)) tasks.set(task, thread)
    complete &&= found.complete
  }
  const running = new Map<Address, ThreadState>()
  // The thread that was started first comes last in CPython's list.
  for (const thread of threads.toReversed()) {
    add(readList(target, thread.address + thread_state.asyncio_tasks_head), thread)
    const task = readRunning(target, thread)
    if (task !== 0) running.set(task, thread)
  }
  // After those of the threads: the tasks of a thread that ends move here.
  add(readList(target, interpreter.address + interpreter_state.asyncio_tasks_head))
  add(readPythonTasks(target, interpreter))
  for (const [task, thread] of running) if (!tasks.has(task)) tasks.set(task, thread)
  return { tasks, running, threads, complete }
}

interface Found {
  readonly tasks: readonly Address[]
  readonly complete: boolean
}

/** Reads a list until it holds together; in the end, what the longest attempt has found. */
function readList(target: AsyncioTarget, head: Address): Found {
  let longest: readonly Address[] = []
  for (let attempt = 0; attempt < LIST_ATTEMPTS; attempt++) {
    const { tasks, complete } = walkList(target, head)
    // A list that is too long does not get shorter by being read again.
    if (complete || tasks.length >= MAX_TASKS) return { tasks, complete }
    if (tasks.length > longest.length) longest = tasks
  }
  return { tasks: longest, complete: false }
}

function walkList({ runtime, asyncio }: AsyncioTarget, head: Address): Found {
  const { next, prev } = runtime.offsets.llist_node
  const tasks: Address[] = []
  let previous = head
  let at = unlessTorn(() => readPointer(runtime.memory, head + next), 0, 1)
  while (at !== head) {
    const [node] = at === 0 ? [] : runtime.memory.readMany([{ address: at, length: 16 }])
    const believed = node !== undefined && pointerAt(node, prev) === previous && tasks.length < MAX_TASKS
    if (!believed) return { tasks, complete: false }
    tasks.push(at - asyncio.task.task_node)
    previous = at
    at = pointerAt(node, next)
  }
  return { tasks, complete: true }
}

/** Of the C implementation, or of a package that has its own tasks and tells asyncio of them. */
function readRunning({ runtime, asyncio }: AsyncioTarget, thread: ThreadState): Address {
  const task = readPointer(runtime.memory, thread.address + asyncio.thread_state.asyncio_running_task)
  return task - (task % TAG_BITS)
}

function readPythonTasks(target: AsyncioTarget, interpreter: InterpreterState): Found {
  const tasks = unlessTorn(() => walkSets(target, interpreter), undefined, LIST_ATTEMPTS)
  return { tasks: tasks ?? [], complete: tasks !== undefined }
}

function walkSets(target: AsyncioTarget, interpreter: InterpreterState): Address[] | undefined {
  const { runtime } = target
  const module = findModuleDict(runtime, interpreter, 'asyncio.tasks')
  if (module === undefined) return []
  const scheduled = findDictValue(runtime, module, '_scheduled_tasks')
  const references = scheduled && readNamedAttributes(target, scheduled).get('data')
  const eager = findDictValue(runtime, module, '_eager_tasks')
  return [
    ...(references === undefined ? [] : readSet(runtime, references, MAX_TASKS).map((at) => readReferent(target, at))),
    ...(eager === undefined ? [] : readSet(runtime, eager, MAX_TASKS)),
  ]
}

/** What a weak reference points to: it keeps that right behind its header. */
function readReferent({ runtime }: AsyncioTarget, reference: Address): Address {
  return readPointer(runtime.memory, reference + runtime.offsets.pyobject.size)
}
