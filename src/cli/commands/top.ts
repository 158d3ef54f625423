// `remora top`: what a process is doing, live on the whole screen, as one text, or as a stream of documents.

import type { NamedProcess } from '../../process/identity.js'
import type { TopDocument } from '../../session/documents/index.js'
import { type TopOptions, TopWatch, top } from '../../session/profile/top.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { readChoice, readMilliseconds, readRate } from '../options/option-values.js'
import { renderOnce } from '../render/top/once.js'
import { initialState, modes, type TopState } from '../render/top/state.js'
import { mainOf } from '../run-command.js'
import { EndSignals } from '../terminal/end-signals.js'
import type { Terminal } from '../terminal/terminal.js'
import { showTop } from '../terminal/top-screen.js'

const SORTS = ['self', 'total'] as const
/** How often the screen has something new, where nobody says. */
const SCREEN_INTERVAL_MS = 500

const command: Command = {
  name: 'top',
  usage: '<target>',
  description:
    'Reads only: the process is never stopped, and only proved stacks count. ? shows the keys. Without a terminal, one look is printed.',
  options: {
    once: { type: 'boolean', description: 'print one look, after --interval' },
    json: { ...jsonOption, description: 'print one JSON document a line, each --interval; with --once a single one' },
    interval: { type: 'string', placeholder: 'SECONDS', description: 'how often there is something new; 1 by default' },
    window: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'the time that shares are taken over; the last 10 seconds by default',
    },
    duration: { type: 'string', short: 'd', placeholder: 'SECONDS', description: 'end after this time' },
    rate: {
      type: 'string',
      short: 'r',
      placeholder: 'HZ',
      description: 'samples a second of each thread, 200 by default',
    },
    mode: {
      type: 'string',
      placeholder: 'MODE',
      description: `which samples count: ${modes.join(', ')}; wall, the default, is all`,
    },
    sort: { type: 'string', placeholder: 'BY', description: `${SORTS.join(' or ')}: self is the default` },
    thread: { type: 'string', placeholder: 'ID', description: 'only this thread: main, an id or a name' },
    async: { type: 'boolean', description: 'tell asyncio tasks apart; those that wait count, too' },
    children: { type: 'boolean', description: 'also the Python processes that it starts' },
  },
  examples: [
    'remora top 1234',
    'remora top 1234 --once --mode cpu',
    'remora top :8000 --json --duration 1 --interval 500ms',
    'remora top shop --once --sort total --interval 500ms',
  ],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { options, positionals } = invocation
  const wanted = readOptions(invocation)
  const state: TopState = { ...initialState, mode: wanted.mode, sort: readChoice(invocation, 'sort', SORTS) ?? 'self' }
  const named = await chooseTarget(positionals[0], 'top')
  const json = options.json === true
  if (json && options.once !== true) return stream(named, wanted, terminal)
  if (options.once === true || terminal.rows === undefined || !terminal.stdin.isTTY) {
    const render = (document: TopDocument): string =>
      json ? `${JSON.stringify(document)}\n` : renderOnce(document, state, terminal)
    return printOnce(named, wanted, (document) => terminal.writeOut(render(document)))
  }
  const intervalMs = wanted.intervalMs ?? SCREEN_INTERVAL_MS
  await showTop(await TopWatch.start(named, { ...wanted, intervalMs }), state, terminal)
  return 0
}

async function stream(named: NamedProcess, options: TopOptions, terminal: Terminal): Promise<number> {
  const endSignals = new EndSignals({ onAgain: () => process.exit(1) })
  try {
    for await (const document of top(named, { ...options, signal: endSignals.signal })) {
      await terminal.writeOut(`${JSON.stringify(document)}\n`)
    }
  } finally {
    endSignals.dispose()
  }
  return 0
}

async function printOnce(
  named: NamedProcess,
  options: TopOptions,
  print: (document: TopDocument) => Promise<void>,
): Promise<number> {
  let last: TopDocument | undefined
  for await (const document of top(named, options)) {
    last = document
    if (options.durationMs === undefined) break
  }
  if (last !== undefined) await print(last)
  return 0
}

function readOptions(invocation: Invocation): TopOptions & { mode: TopState['mode'] } {
  const { options } = invocation
  const durationMs = readMilliseconds(invocation, 'duration')
  const intervalMs = readMilliseconds(invocation, 'interval')
  const windowMs = readMilliseconds(invocation, 'window')
  const thread = stringOption(invocation, 'thread')
  const rate = readRate(stringOption(invocation, 'rate'))
  return {
    mode: readChoice(invocation, 'mode', modes) ?? 'wall',
    tasks: options.async === true,
    children: options.children === true,
    ...(rate === undefined ? {} : { rateHz: rate }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(windowMs === undefined ? {} : { windowMs }),
    ...(thread === undefined ? {} : { thread }),
  }
}
