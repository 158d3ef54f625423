// `remora tasks`: the asyncio tasks of a process, as a table, a tree, or a document.

import { RemoraError } from '../../errors/remora-error.js'
import type { TasksDocument } from '../../session/documents/index.js'
import { readTasks } from '../../session/read/tasks.js'
import { type OpenProcess, openProcess } from '../../session/target/open-process.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption } from '../command.js'
import { renderTaskTree } from '../render/tasks/task-tree.js'
import { renderTasks } from '../render/tasks/tasks.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'tasks',
  usage: '<target>',
  description:
    'Tasks of all threads and event loops, with the calls of their coroutines. Only memory is read, so it also works on a loop that is blocked; nothing runs or stops in the target.',
  options: {
    tree: { type: 'boolean', description: 'draw who awaits whom, from the tasks that nobody awaits' },
    json: jsonOption,
  },
  examples: ['remora tasks 1234', 'remora tasks :8000 --tree', 'remora tasks 1234 --json'],
  run,
}

export const main = mainOf(command)

async function run({ positionals, options }: Invocation, terminal: Terminal): Promise<number> {
  const [word, ...rest] = positionals
  if (rest.length > 0) throw new RemoraError('USAGE', `unexpected argument ${rest[0]}`, { command: 'tasks' })
  const opened = openProcess(await chooseTarget(word, 'tasks'), { access: 'read' })
  const document = readThenClose(opened)
  if (options.json === true) await terminal.writeOut(`${JSON.stringify(document)}\n`)
  else if (document.tasks.length === 0)
    await terminal.writeError(`remora: process ${opened.status.pid} has no asyncio tasks\n`)
  else
    await terminal.writeOut(
      options.tree === true ? renderTaskTree(document, terminal) : renderTasks(document, terminal),
    )
  return 0
}

function readThenClose(opened: OpenProcess): TasksDocument {
  try {
    return readTasks(opened)
  } finally {
    opened.memory.close()
  }
}
