// `remora eval`: one expression in a frame of a process, and its value.

import { RemoraError } from '../../errors/remora-error.js'
import type { EvalDocument } from '../../session/documents/index.js'
import { type EvalOptions, evaluate } from '../../session/run/eval.js'
import { WritableTarget } from '../../session/run/writable-target.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { runExitCodes } from '../exit-codes.js'
import { nudgeOption, readNudgeMode } from '../options/nudge-option.js'
import { readMilliseconds } from '../options/option-values.js'
import { readRendezvous, rendezvousOption } from '../options/rendezvous-option.js'
import { readCount, readValueLimits, valueOptions } from '../options/value-options.js'
import { renderOutcome } from '../render/run/exec.js'
import { renderNudging } from '../render/run/nudging.js'
import { mainOf } from '../run-command.js'
import { Interrupts } from '../terminal/interrupts.js'
import { passThrough } from '../terminal/pass-through.js'
import type { Terminal } from '../terminal/terminal.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'

const command: Command = {
  name: 'eval',
  usage: '<target> EXPR',
  description:
    'EXPR sees the variables of the frame, and what it assigns stays assigned. Statements are run as well, and have no value. `await` is scheduled on the event loop that the thread runs; the program goes on meanwhile.',
  options: {
    frame: {
      type: 'string',
      placeholder: 'N',
      description: 'in this frame, numbered as in remora stack: 0 is the innermost',
    },
    thread: { type: 'string', placeholder: 'ID', description: 'in this thread: main (the default), an id or a name' },
    task: { type: 'string', placeholder: 'NAME', description: 'in this asyncio task: its name or its id' },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long it may take to start (10 by default) and, if given, to run',
    },
    nudge: nudgeOption,
    rendezvous: rendezvousOption,
    ...valueOptions,
    json: { ...jsonOption, description: 'print one JSON document, with the value as inspect shows it' },
  },
  examples: [
    "remora eval 1234 'sum(x * x for x in range(10))'",
    "remora eval :8000 'await asyncio.sleep(0.01, app.config)'",
    'remora eval shop \'app.config["DEBUG"]\' --frame 1 --json',
  ],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [word, expression, ...rest] = invocation.positionals
  if (expression === undefined || expression.trim() === '' || rest.length > 0) {
    throw new RemoraError('USAGE', 'name one expression, such as 1 + 1', { command: 'eval' })
  }
  const options = readOptions(invocation)
  const named = await chooseTarget(word, 'eval')
  const target = new WritableTarget(named, readRendezvous(invocation))
  const interrupts = new Interrupts(named.pid, target, terminal)
  const json = invocation.options.json === true
  const notice = new WaitingNotice(terminal)
  try {
    const document = await notice.during(() =>
      evaluate(target, expression, {
        ...options,
        signal: interrupts.signal,
        repr: !json,
        onWaiting: (activity, info) => notice.show(activity, info),
        ...(json ? {} : { onOutput: passThrough(terminal, notice) }),
      }),
    )
    if (json) await terminal.writeOut(`${JSON.stringify(document)}\n`)
    else await show(document, interrupts.signal.aborted, terminal)
    return runExitCodes[document.outcome]
  } finally {
    target.dispose()
    interrupts.dispose()
  }
}

function readOptions(invocation: Invocation): EvalOptions {
  const [thread, task, frame] = ['thread', 'task', 'frame'].map((name) => stringOption(invocation, name))
  if (thread !== undefined && task !== undefined) {
    throw new RemoraError('USAGE', '--task cannot be combined with --thread', { command: 'eval' })
  }
  const timeoutMs = readMilliseconds(invocation, 'timeout')
  return {
    ...readValueLimits(invocation),
    thread,
    task,
    frame: readCount(frame, 'frame'),
    nudge: readNudgeMode(invocation),
    ...(timeoutMs === undefined ? {} : { timeoutMs, runTimeoutMs: timeoutMs }),
  }
}

async function show(document: EvalDocument, aborted: boolean, terminal: Terminal): Promise<void> {
  const { repr } = document
  // A repr may have lines; anything else that it says to a terminal is shown, and not done.
  if (repr !== undefined) await terminal.writeOut(`${repr.split('\n').map(escapeControls).join('\n')}\n`)
  await terminal.writeError(renderNudging(document))
  await terminal.writeError(renderOutcome(document, aborted))
}
