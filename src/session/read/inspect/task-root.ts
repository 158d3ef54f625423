// An asyncio task as the beginning of a path. `@task:Task-7` leads to the variables of all its coroutine's calls, the
// innermost first, as who looks for a request does not know how deep the library waits below it; `@task:Task-7:2` to
// those of one call. Names are those that `remora tasks` shows; a name that several tasks have gives way to the address.

import { TypeCache } from '../../../cpython/asyncio/asyncio-target.js'
import { readTask } from '../../../cpython/asyncio/task.js'
import { readTaskList, type TaskList } from '../../../cpython/asyncio/task-list.js'
import { CodeCache } from '../../../cpython/code/code.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import { readInterpreters } from '../../../cpython/runtime/interpreter.js'
import type { Child } from '../../../cpython/values/shape.js'
import type { Address } from '../../../memory/remote-memory.js'
import { readTaskStack, type TaskReader, type TaskReading } from '../../../unwind/read-task.js'
import { chooseTask, taskEnded } from '../tasks/choose-task.js'
import { isSameFrame, noFrame, readBeyond, readVariables, toNamespace, whereIs } from './frame-root.js'
import type { Path } from './parse-path.js'
import { type Look, type Start, toWord } from './start.js'

interface NamedTask {
  readonly name: string
  /** Its address. */
  readonly id: Address
  readonly reader: TaskReader
}

/** @throws RemoraError `TASK_NOT_FOUND`, `PATH_NOT_FOUND` for a call that it does not have. */
export function findTask(look: Look, path: Path): Start[] {
  const { root, steps } = path
  const task = chooseTask(listTasks(look), root.name, toRoot)
  const reading = readTaskStack(task.reader, task.id)
  if (reading === undefined) throw taskEnded(root.name)
  const isSame = (): boolean => isSameReading(readTaskStack(task.reader, task.id), reading)
  const { index, text } = root
  if (index === undefined) return [{ place: toWhole(look, task, reading, isSame), text, steps }]
  const found = reading.frames[index]
  if (found === undefined) throw noFrame(root, `task ${root.name}`, reading.frames)
  return [{ place: { namespace: toNamespace(look, found, isSame) }, text, steps }]
}

/** What a path calls each task: by its name, or by its address where the name is not unique. */
export function listTaskRoots(look: Look): string[] {
  const tasks = listTasks(look)
  const counts = new Map<string, number>()
  for (const { name } of tasks) counts.set(name, (counts.get(name) ?? 0) + 1)
  return tasks.map(({ name, id }) => toRoot(counts.get(name) === 1 ? name : `0x${id.toString(16)}`))
}

function toRoot(task: string): string {
  return `@task:${toWord(task)}`
}

function listTasks({ opened: { runtime }, asyncio: findOffsets }: Look): NamedTask[] {
  const asyncio = findOffsets()
  if (asyncio === undefined) return []
  const target = { runtime, asyncio, types: new TypeCache(runtime) }
  return readInterpreters(runtime).flatMap((interpreter) => {
    const list: TaskList = readTaskList(target, interpreter)
    const reader = { target, codes: new CodeCache(runtime), threads: list.threads }
    return [...list.tasks.keys()].flatMap((address): NamedTask[] => {
      const task = unlessTorn(() => readTask(target, address), undefined)
      return task?.state === 'pending' ? [{ name: task.name, id: address, reader }] : []
    })
  })
}

function toWhole(look: Look, { name }: NamedTask, { frames }: TaskReading, isSame: () => boolean): Start['place'] {
  const seen = new Set<string>()
  const children = frames
    .flatMap((frame) => readVariables(look, frame))
    .filter((child: Child) => {
      const isNew = !seen.has(child.name)
      seen.add(child.name)
      return isNew
    })
  const [inner] = frames
  const where = inner === undefined ? '' : `, in ${inner.code.qualifiedName}, ${whereIs(inner)}`
  const beyond = (): Child[] => frames.flatMap((frame) => readBeyond(look, frame))
  return { namespace: { type: 'task', text: `<task ${name}${where}>`, children, beyond, isSame } }
}

function isSameReading(now: TaskReading | undefined, { task, frames, executing }: TaskReading): boolean {
  if (now?.consistent !== true || now.task.coroutine !== task.coroutine) return false
  return (
    now.frames.length === frames.length &&
    frames.every((frame, index) => isSameFrame(now.frames[index], frame, { mayGoOn: index === 0 && executing }))
  )
}
