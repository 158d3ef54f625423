// `remora ps`: the Python processes of this machine, as a table or as a document.

import { RemoraError } from '../../errors/remora-error.js'
import { listProcesses, matchesWord } from '../../session/target/list-processes.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import { type Command, type Invocation, jsonOption } from '../command.js'
import { renderProcesses } from '../render/ps.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'ps',
  usage: '[WORD | :PORT | PID]',
  description:
    'A process counts when a CPython runtime is mapped into it, whatever it is called. With WORD, only those that have it in their command line; with :PORT, only those that listen there; with PID, that one.',
  options: { json: jsonOption },
  examples: ['remora ps', 'remora ps shop', 'remora ps --json'],
  run,
}

export const main = mainOf(command)

async function run({ positionals, options }: Invocation, terminal: Terminal): Promise<number> {
  const [word, ...rest] = positionals
  if (rest.length > 0) throw new RemoraError('USAGE', `unexpected argument ${rest[0]}`, { command: 'ps' })
  const document = listProcesses()
  if (word !== undefined)
    document.processes = document.processes.filter((one) => String(one.pid) === word || matchesWord(one, word))
  if (options.json === true) await terminal.writeOut(`${JSON.stringify(document)}\n`)
  else if (document.processes.length > 0) await terminal.writeOut(renderProcesses(document, terminal))
  else
    await terminal.writeError(
      `remora: no Python process ${word === undefined ? 'is running' : `matches ${escapeControls(word)}`}\n`,
    )
  return 0
}
