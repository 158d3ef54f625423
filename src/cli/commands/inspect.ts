// `remora inspect`: a value of a process by its path, as a tree that reads like Python's `repr()`.

import { RemoraError } from '../../errors/remora-error.js'
import type { InspectDocument, InstancesDocument, ReferrersDocument } from '../../session/documents/index.js'
import { complete, inspect } from '../../session/read/inspect.js'
import { findInstances } from '../../session/read/instances.js'
import { findReferrers } from '../../session/read/referrers.js'
import { openProcess } from '../../session/target/open-process.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { readMilliseconds } from '../options/option-values.js'
import { readValueLimits, valueOptions } from '../options/value-options.js'
import { renderInstances } from '../render/values/instances.js'
import { renderReferrers } from '../render/values/referrers.js'
import { renderVariable } from '../render/values/variable.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'inspect',
  usage: '<target> PATH | --instances TYPE',
  description:
    'PATH is a module or a global of __main__, then .name, [0] or [\'key\']. @main is the innermost frame of the main thread, @main:2 the third one, @"Thread-1 (worker)" that of another thread. @task:Task-7 has the variables of an asyncio task, @task:Task-7:1 those of its second call. Values under names that sound like secrets are masked.',
  options: {
    ...valueOptions,
    instances: {
      type: 'string',
      placeholder: 'TYPE',
      description: 'count the live objects of a class, such as app.Job, and show the first of them',
    },
    refs: {
      type: 'boolean',
      description: 'show which objects and calls refer to the object, and what refers to those',
    },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long --instances and --refs may search (2 by default)',
    },
    complete: { type: 'boolean', description: 'list the paths that go on from PATH, for completion in shells' },
    json: jsonOption,
  },
  examples: [
    'remora inspect 1234 __main__',
    "remora inspect 1234 '@main' --depth 1",
    "remora inspect :8000 'sys.argv[0]'",
    'remora inspect 1234 sys.argv --refs',
  ],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [word, path, ...rest] = invocation.positionals
  const type = stringOption(invocation, 'instances')
  const refs = invocation.options.refs === true
  if (rest.length > 0 || (path === undefined) === (type === undefined) || (refs && path === undefined)) {
    throw new RemoraError('USAGE', 'name one PATH, such as __main__, or --instances TYPE', { command: 'inspect' })
  }
  const limits = readValueLimits(invocation)
  const budgetMs = readMilliseconds(invocation, 'timeout')
  const budget = budgetMs === undefined ? {} : { budgetMs }
  const opened = openProcess(await chooseTarget(word, 'inspect'), { access: 'read' })
  try {
    const { options } = invocation
    if (options.complete === true) {
      const paths = complete(opened, path ?? '')
      await terminal.writeOut(paths.map((one) => `${one}\n`).join(''))
    } else if (refs && path !== undefined) {
      const document = findReferrers(opened, path, { ...limits, ...budget })
      await terminal.writeOut(options.json === true ? toLine(document) : renderReferrers(document, terminal))
      if (!document.consistent && options.json !== true) await terminal.writeError(MOVED)
    } else if (path === undefined) {
      const document = findInstances(opened, type ?? '', { ...limits, ...budget })
      await terminal.writeOut(options.json === true ? toLine(document) : renderInstances(document, terminal))
    } else {
      const document = inspect(opened, path, limits)
      await terminal.writeOut(
        options.json === true ? toLine(document) : `${renderVariable(document.value, terminal)}\n`,
      )
      if (!document.consistent && options.json !== true) await terminal.writeError(MOVED)
    }
    return 0
  } finally {
    opened.memory.close()
  }
}

const MOVED = 'remora: the path led to another object at each read; what is shown may belong to several objects\n'

function toLine(document: InspectDocument | InstancesDocument | ReferrersDocument): string {
  return `${JSON.stringify(document)}\n`
}
