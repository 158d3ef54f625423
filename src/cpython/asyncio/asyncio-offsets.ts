// Where the fields of asyncio's structures lie in one target, by CPython's names: tasks, and what `_asyncio` keeps in
// thread and interpreter states.

type Group<Field extends string> = Readonly<Record<Field, number>>

export interface AsyncioOffsets {
  readonly task: Group<
    'size' | 'task_name' | 'task_awaited_by' | 'task_is_task' | 'task_awaited_by_is_set' | 'task_coro' | 'task_node'
  >
  readonly interpreter_state: Group<'size' | 'asyncio_tasks_head'>
  readonly thread_state: Group<'size' | 'asyncio_running_loop' | 'asyncio_running_task' | 'asyncio_tasks_head'>
  /** What futures and tasks have in common. */
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
