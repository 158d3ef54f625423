// The table in which the `_asyncio` module publishes the layout of its tasks, and of what it keeps in thread and
// interpreter states: thirteen u64 without cookie or version, so that the check of their sense is the only proof that
// they are one. Fields that it leaves out are computed from published neighbours.
// Follows Modules/_asynciomodule.c (Py_AsyncioModuleDebugOffsets, FutureObj_HEAD) at v3.14.0 and v3.15.0.

import { RemoraError } from '../../errors/remora-error.js'
import type { OffsetsTable } from '../debug-offsets/schema.js'

const schema = {
  task: ['size', 'task_name', 'task_awaited_by', 'task_is_task', 'task_awaited_by_is_set', 'task_coro', 'task_node'],
  interpreter_state: ['size', 'asyncio_tasks_head'],
  thread_state: ['size', 'asyncio_running_loop', 'asyncio_running_task', 'asyncio_tasks_head'],
} as const

/** Bytes of the whole table. */
export const ASYNCIO_TABLE_BYTES = 104

type Published = { readonly [G in keyof typeof schema]: Readonly<Record<(typeof schema)[G][number], number>> }

export interface AsyncioOffsets extends Published {
  /** What futures and tasks have in common, by CPython's names. */
  readonly future: {
    /** Bytes from the start of a future that these fields need. */
    readonly size: number
    readonly fut_loop: number
    /** int32: 0 pending, 1 cancelled, 2 finished. */
    readonly fut_state: number
  }
  /** Of a task, unpublished. */
  readonly derived: {
    readonly task_fut_waiter: number
    /** int32 */
    readonly task_num_cancels_requested: number
  }
}

const MAX_STRUCT_BYTES = 4 * 1024 * 1024
/** A list node is a pair of pointers. */
const NODE_BYTES = 16
const WIDTHS: Readonly<Record<string, number>> = {
  task_is_task: 1,
  task_awaited_by_is_set: 1,
  task_node: NODE_BYTES,
  asyncio_tasks_head: NODE_BYTES,
}

/**
 * Decodes a table found in a process whose interpreter has `table`.
 * @throws RemoraError `RUNTIME_CORRUPT` naming the first field that cannot be right.
 */
export function parseAsyncioOffsets(bytes: Buffer, { offsets }: Pick<OffsetsTable, 'offsets'>): AsyncioOffsets {
  const published = decode(bytes)
  for (const [group, fields] of Object.entries(published)) validateGroup(group, fields)
  // Both tables tell the size of the same structures; the thread state of this one is the larger one that contains it.
  const { interpreter_state, thread_state, task } = published
  if (interpreter_state.size !== offsets.interpreter_state.size)
    throw corrupt('interpreter_state', 'size', interpreter_state.size)
  if (thread_state.size < offsets.thread_state.size) throw corrupt('thread_state', 'size', thread_state.size)
  const derived = { task_fut_waiter: task.task_coro - 8, task_num_cancels_requested: task.task_is_task + 4 }
  const future = {
    size: Math.max(task.task_awaited_by + 8, task.task_awaited_by_is_set + 1),
    fut_loop: offsets.pyobject.size,
    fut_state: task.task_is_task - 4,
  }
  for (const [field, value] of Object.entries({ ...derived, fut_state: future.fut_state })) {
    const width = field === 'task_fut_waiter' ? 8 : 4
    const inside = value >= offsets.pyobject.size && value + width <= task.size
    if (!inside || value % width !== 0) throw corrupt('task', field, value)
  }
  return { ...published, future, derived }
}

function decode(bytes: Buffer): Published {
  let at = 0
  const groups = Object.entries(schema).map(([group, fields]) => {
    const values = fields.map((field) => {
      const value = Number(bytes.readBigUInt64LE(at))
      at += 8
      return [field, value]
    })
    return [group, Object.fromEntries(values)]
  })
  return Object.fromEntries(groups) as Published
}

function validateGroup(group: string, fields: Readonly<Record<string, number>>): void {
  const { size = 0, ...rest } = fields
  if (!(size >= NODE_BYTES && size <= MAX_STRUCT_BYTES)) throw corrupt(group, 'size', size)
  for (const [field, value] of Object.entries(rest)) {
    const width = WIDTHS[field] ?? 8
    if (!(value + width <= size && value % Math.min(width, 8) === 0)) throw corrupt(group, field, value)
  }
}

function corrupt(group: string, field: string, value: number): RemoraError {
  return new RemoraError(
    'RUNTIME_CORRUPT',
    `the offsets of the asyncio module are broken: ${group}.${field} is ${value}`,
    {
      group,
      field,
      value,
    },
  )
}
