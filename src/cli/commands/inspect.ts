// `remora inspect`: a value of a process by its path, as a tree that reads like Python's `repr()`.

import { RemoraError } from '../../errors/remora-error.js'
import { attach } from '../../session/attach.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption } from '../command.js'
import { renderVariable } from '../render/variable.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal.js'
import { readValueLimits, valueOptions } from '../value-options.js'

const command: Command = {
  name: 'inspect',
  usage: '<target> PATH',
  summary: 'show a value of a process by its path, without running code in it',
  description:
    'PATH is a module or a global of __main__, then .name, [0] or [\'key\']. @main is the innermost frame of the main thread, @main:2 the third one, @"Thread-1 (worker)" that of another thread. Values under names that sound like secrets are masked.',
  options: {
    ...valueOptions,
    complete: { type: 'boolean', description: 'list the paths that go on from PATH, for completion in shells' },
    json: jsonOption,
  },
  examples: [
    'remora inspect 1234 __main__',
    "remora inspect 1234 '@main' --depth 1",
    "remora inspect :8000 'sys.argv[0]'",
  ],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [word, path, ...rest] = invocation.positionals
  if (path === undefined || rest.length > 0) {
    throw new RemoraError('USAGE', path === undefined ? 'name a PATH, such as __main__' : 'name one PATH', {
      command: 'inspect',
    })
  }
  const limits = readValueLimits(invocation)
  await using target = await attach(await chooseTarget(word, 'inspect'))
  if (invocation.options.complete === true) {
    await terminal.writeOut(
      target
        .complete(path)
        .map((one) => `${one}\n`)
        .join(''),
    )
    return 0
  }
  const document = target.inspect(path, limits)
  if (invocation.options.json === true) await terminal.writeOut(`${JSON.stringify(document)}\n`)
  else await terminal.writeOut(`${renderVariable(document.value, terminal)}\n`)
  if (!document.consistent && invocation.options.json !== true) {
    await terminal.writeError(
      'remora: the path led to another object each time it had been read; what is shown may be of several\n',
    )
  }
  return 0
}
