// How a task is called in a text about several: by its name, and by its address as well where the name is not unique.

import type { TaskInfo, TasksDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'

/** Labels by id. */
export function toLabels(tasks: readonly TaskInfo[]): ReadonlyMap<number, string> {
  const counts = new Map<string, number>()
  for (const { name } of tasks) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map(
    tasks.map(({ id, name }) => {
      const label = escapeControls(name) || "''"
      return [id, (counts.get(name) ?? 0) > 1 ? `${label} (0x${id.toString(16)})` : label]
    }),
  )
}

/** What is wrong with the whole, below the tasks: cycles, and tasks that may be missing. */
export function toRemarks({ cycles = [], complete }: TasksDocument, labels: ReadonlyMap<number, string>): string[] {
  const lines = cycles.map((ids) => {
    const names = [...ids, ...ids.slice(0, 1)].map((id) => labels.get(id) ?? '?')
    return `cycle: ${names.join(' awaits ')}`
  })
  return complete ? lines : [...lines, 'the tasks changed while they were read; some may be missing']
}
