// What `remora stack` does: it shows what all threads of one or more processes are doing, once or again and again.

import { RemoraError } from '../errors/remora-error.js'
import { type LocalsReader, type StackOptions, StackReader } from '../session/read/stack.js'
import { findPythonChildren } from '../session/target/find-children.js'
import { openProcess } from '../session/target/open-process.js'
import { chooseTarget } from './choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from './command.js'
import { readMilliseconds } from './options/option-values.js'
import { readValueLimits, valueOptions } from './options/value-options.js'
import { renderStacks } from './render/stack.js'
import { fitScreen } from './render/text/fit-screen.js'
import type { Terminal } from './terminal/terminal.js'

/** The command; with `readLocals` it also has what `--locals` needs. */
export function stackCommand(readLocals?: LocalsReader): Command {
  return { ...command, run: (invocation, terminal) => run(invocation, terminal, readLocals) }
}

const command: Omit<Command, 'run'> = {
  name: 'stack',
  usage: '<target>…',
  description: 'Reads only: the process goes on, and it may be blocked, deadlocked or stuck in C.',
  options: {
    thread: { type: 'string', placeholder: 'ID', description: 'only this thread: main, an id or a name' },
    locals: { type: 'boolean', description: 'also the arguments and local variables of each call' },
    ...valueOptions,
    'all-interpreters': { type: 'boolean', description: 'also the threads of subinterpreters' },
    children: { type: 'boolean', description: 'also the Python processes that the targets have started' },
    watch: { type: 'boolean', description: 'again and again, in place, until Ctrl-C' },
    interval: { type: 'string', placeholder: 'SECONDS', description: 'how often with --watch; 1 by default' },
    json: jsonOption,
  },
  examples: [
    'remora stack 1234',
    'remora stack 1234 --locals --items 10',
    'remora stack :8000 --children',
    'remora stack shop --thread main --json',
  ],
}

async function run(invocation: Invocation, terminal: Terminal, readLocals?: LocalsReader): Promise<number> {
  const { positionals, options } = invocation
  if (positionals.length === 0) throw new RemoraError('USAGE', 'name a target', { command: 'stack' })
  const named = await Promise.all(positionals.map((word) => chooseTarget(word, 'stack')))
  const all = options.children === true ? named.flatMap((one) => [one, ...findPythonChildren(one.pid)]) : named
  const distinct = new Map(all.map((one) => [one.pid, one]))
  const opened = [...distinct.values()].map((one) => openProcess(one, { access: 'read' }))
  const readers = opened.map((one) => new StackReader(one, readLocals))
  try {
    if (options.watch === true) await watch(readers, invocation, terminal)
    else await terminal.writeOut(toText(readers, invocation, terminal))
    return 0
  } finally {
    for (const reader of readers) reader.close()
    for (const { memory } of opened) memory.close()
  }
}

function toText(readers: readonly StackReader[], invocation: Invocation, terminal: Terminal): string {
  const documents = readers.map((reader) => reader.read(toStackOptions(invocation)))
  if (invocation.options.json !== true) return renderStacks(documents, terminal)
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('')
}

async function watch(readers: readonly StackReader[], invocation: Invocation, terminal: Terminal): Promise<void> {
  const intervalMs = readMilliseconds(invocation, 'interval') ?? 1000
  for (;;) {
    const text = toText(readers, invocation, terminal)
    const { columns, rows } = terminal
    const inPlace = columns !== undefined && rows !== undefined && invocation.options.json !== true
    // Home, then everything below the cursor is cleared: no flicker, and the scrollback stays.
    await terminal.writeOut(inPlace ? `\x1b[H\x1b[J${fitScreen(text, { columns, rows })}` : text)
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
  }
}

function toStackOptions(invocation: Invocation): StackOptions {
  const thread = stringOption(invocation, 'thread')
  return {
    ...(thread === undefined ? {} : { thread }),
    ...(invocation.options.locals === true ? { locals: { depth: 1, ...readValueLimits(invocation) } } : {}),
    ...(invocation.options['all-interpreters'] === true ? { allInterpreters: true } : {}),
  }
}
