// `remora trace`: probes in, a table of what they see out, until the time is up, enough has been seen, or Ctrl-C.

import fs from 'node:fs'
import { RemoraError } from '../../errors/remora-error.js'
import type { TraceDocument } from '../../session/documents/index.js'
import { type TraceOptions, trace } from '../../session/run/trace.js'
import { traceTree } from '../../session/run/trace-tree.js'
import { WritableTarget } from '../../session/run/writable-target.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { readBudget } from '../options/budget-option.js'
import { nudgeOption, readNudgeMode } from '../options/nudge-option.js'
import { readMilliseconds } from '../options/option-values.js'
import { readCount } from '../options/value-options.js'
import { mainOf } from '../run-command.js'
import { EndSignals } from '../terminal/end-signals.js'
import type { Terminal } from '../terminal/terminal.js'
import { TraceScreen } from '../terminal/trace-screen.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'

const command: Command = {
  name: 'trace',
  usage: '<target> PROBE…',
  description:
    "A probe is a place (file:line, a dotted name with globs, or raise CLASS), a condition, and what to do: values in braces, args, result, stack, snapshot, or an aggregation such as count or time by a key. Values are read without running the program's code. The cost is bounded, and nothing is left in the process when you leave.",
  options: {
    for: { type: 'string', placeholder: 'SECONDS', description: 'how long; 60 by default' },
    hits: { type: 'string', short: 'n', placeholder: 'N', description: 'end after this many events' },
    slower: { type: 'string', placeholder: 'TIME', description: 'only calls that take longer, such as 50ms' },
    'dry-run': { type: 'boolean', description: 'count for one second, and say what the probes would cost' },
    budget: {
      type: 'string',
      placeholder: 'LIMITS',
      description: 'what it may cost a second: cpu=1%,events=1000,bytes=1000000 by default',
    },
    'allow-calls': {
      type: 'boolean',
      description: "let expressions run the program's code: calls, properties, __repr__",
    },
    children: {
      type: 'boolean',
      description: 'also the Python processes below the target, and those that it starts meanwhile',
    },
    depth: {
      type: 'string',
      placeholder: 'N',
      description: 'levels of containers and objects in a value (2 by default)',
    },
    items: { type: 'string', placeholder: 'N', description: 'items of one container (20 by default)' },
    chars: { type: 'string', placeholder: 'N', description: 'characters of one text (200 by default)' },
    'no-mask': { type: 'boolean', description: 'also show values whose names sound like secrets' },
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'FILE',
      description: 'write the events to a file, as JSON lines',
    },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long the agent may take to start; 10 by default',
    },
    nudge: nudgeOption,
    json: { ...jsonOption, description: 'print one JSON line an event instead of text' },
  },
  examples: [
    "remora trace 1234 'app/orders.py:42 {order.id, len(items)}' --for 1s",
    "remora trace 1234 'app.orders.place_order(args) -> result' --slower 50ms --for 1s",
    "remora trace :8000 'app.db.query time by args.sql[:20]' --for 1s",
    "remora trace shop 'raise ValueError in app.*' -n 1 --for 1s --json",
  ],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [word, ...probes] = invocation.positionals
  if (probes.length === 0) {
    throw new RemoraError('USAGE', 'name a target and at least one probe', { command: 'trace' })
  }
  const named = await chooseTarget(word, 'trace')
  const target = new WritableTarget(named)
  // The agents are told to leave; at the second time they see us gone.
  const endSignals = new EndSignals({ onAgain: () => process.exit(1) })
  try {
    const notice = new WaitingNotice(terminal)
    const options = { ...toTraceOptions(invocation, notice), signal: endSignals.signal }
    const withChildren = invocation.options.children === true
    const events = withChildren ? traceTree(named, probes, options) : trace(target, probes, options)
    return await show(events, invocation, { pid: named.pid, terminal, notice })
  } finally {
    endSignals.dispose()
    target.dispose()
  }
}

async function show(
  events: AsyncIterable<TraceDocument>,
  invocation: Invocation,
  { pid, terminal, notice }: { pid: number; terminal: Terminal; notice: WaitingNotice },
): Promise<number> {
  const screen = new TraceScreen(terminal, invocation.options.children === true)
  const file = openOutput(stringOption(invocation, 'output'))
  let exitCode = 0
  let attached = false
  try {
    for await (const event of events) {
      notice.clear()
      const line = `${JSON.stringify(event)}\n`
      if (file !== undefined) fs.writeSync(file, line)
      if (invocation.options.json === true) await terminal.writeOut(line)
      else await screen.show(event)
      attached ||= event.event === 'attached'
      // Children come and go.
      if (event.pid === pid && event.reason === 'exited') exitCode = 4
      if (event.pid === pid && event.reason === 'withdrawn' && !attached) exitCode = 5
    }
    return exitCode
  } finally {
    if (file !== undefined) fs.closeSync(file)
  }
}

function openOutput(path: string | undefined): number | undefined {
  if (path === undefined) return undefined
  try {
    return fs.openSync(path, 'w')
  } catch (cause) {
    throw new RemoraError('USAGE', `cannot write to ${path}: ${(cause as Error).message}`, { command: 'trace', cause })
  }
}

function toTraceOptions(invocation: Invocation, notice: WaitingNotice): TraceOptions {
  const milliseconds = (option: string, name: string): Record<string, number> => {
    const value = readMilliseconds(invocation, option)
    return value === undefined ? {} : { [name]: value }
  }
  const limits = (['depth', 'items', 'chars'] as const).flatMap((name) => {
    const value = readCount(stringOption(invocation, name), name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const count = readCount(stringOption(invocation, 'hits'), 'hits')
  if (count === 0) throw new RemoraError('USAGE', '--hits takes a number from 1 on', { command: 'trace' })
  return {
    ...milliseconds('for', 'forMs'),
    ...milliseconds('slower', 'slowerMs'),
    ...milliseconds('timeout', 'timeoutMs'),
    ...(count === undefined ? {} : { count }),
    allowCalls: invocation.options['allow-calls'] === true,
    dryRun: invocation.options['dry-run'] === true,
    budget: readBudget(stringOption(invocation, 'budget')),
    limits: { ...Object.fromEntries(limits), mask: invocation.options['no-mask'] !== true },
    nudge: readNudgeMode(invocation),
    onWaiting: (activity, thread) => notice.show(activity, thread),
  }
}
