// `remora repl`: a prompt in a process that goes on meanwhile; lines from a pipe are run as a script.

import readline from 'node:readline'
import { RemoraError } from '../../errors/remora-error.js'
import { Repl } from '../../session/run/repl.js'
import { WritableTarget } from '../../session/run/writable-target.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { runExitCodes } from '../exit-codes.js'
import { nudgeOption, readNudgeMode } from '../options/nudge-option.js'
import { readMilliseconds } from '../options/option-values.js'
import { readRendezvous, rendezvousOption } from '../options/rendezvous-option.js'
import { Conversation } from '../repl/conversation.js'
import { ReadEval } from '../repl/read-eval.js'
import { mainOf } from '../run-command.js'
import { EndSignals } from '../terminal/end-signals.js'
import type { Terminal } from '../terminal/terminal.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'

const command: Command = {
  name: 'repl',
  usage: '<target>',
  description:
    'Each line runs at a safe point of the main thread. A name is looked up at the prompt, then in the frame that the line runs in, the globals of __main__ and the modules. Names that are assigned at the prompt are gone when it closes. Lines from a pipe run as a script, up to the first failure.',
  options: {
    thread: {
      type: 'string',
      placeholder: 'ID',
      description: 'in this thread: main (the default), an id, a name, or agent for a new thread',
    },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long a line may take to start (10 by default in a script) and, if given, to run',
    },
    nudge: nudgeOption,
    rendezvous: rendezvousOption,
    json: { ...jsonOption, description: 'print one JSON document for each statement instead of text' },
  },
  examples: ['remora repl 1234', "echo 'import gc; gc.get_count()' | remora repl 1234"],
  run,
}

export const main = mainOf(command)

const SCRIPT_TIMEOUT_MS = 10_000

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [word, ...rest] = invocation.positionals
  if (rest.length > 0) throw new RemoraError('USAGE', `unexpected argument ${rest[0]}`, { command: 'repl' })
  const givenMs = readMilliseconds(invocation, 'timeout')
  const interactive = terminal.interactive !== undefined && invocation.options.json !== true
  const timeoutMs = givenMs ?? (interactive ? undefined : SCRIPT_TIMEOUT_MS)
  const nudge = readNudgeMode(invocation)
  const target = new WritableTarget(await chooseTarget(word, 'repl'), readRendezvous(invocation))
  const endSignals = new EndSignals()
  try {
    const notice = new WaitingNotice(terminal)
    const repl = await notice.during(() =>
      Repl.open(target, {
        thread: stringOption(invocation, 'thread'),
        signal: endSignals.signal,
        timeoutMs,
        nudge,
        onWaiting: (activity, info) => notice.show(activity, info),
      }),
    )
    if (repl === undefined) return await showWithdrawn(terminal)
    await using session = repl
    const readEval = new ReadEval(session, terminal, {
      json: invocation.options.json === true,
      interactive,
      ...(givenMs === undefined ? {} : { runTimeoutMs: givenMs }),
      timeoutMs,
      nudge,
    })
    endSignals.signal.addEventListener('abort', () => readEval.interrupt())
    if (interactive) return await new Conversation(session, readEval, terminal).hold(target.info, endSignals.signal)
    return await runScript(readEval, terminal, endSignals.signal)
  } finally {
    endSignals.dispose()
    await target.close()
  }
}

async function showWithdrawn(terminal: Terminal): Promise<number> {
  await terminal.writeError('remora: the thread reached no safe point; the request was withdrawn\n')
  return runExitCodes.withdrawn
}

async function runScript(readEval: ReadEval, terminal: Terminal, ending: AbortSignal): Promise<number> {
  const lines = readline.createInterface({ input: terminal.stdin })
  ending.addEventListener('abort', () => lines.close())
  try {
    for await (const line of lines) {
      if (readEval.isEnd(line)) return 0
      const outcome = await readEval.enter(line)
      if (ending.aborted) return 1
      if (outcome !== 'unfinished' && outcome !== 'completed') return runExitCodes[outcome]
    }
    const outcome = ending.aborted ? 'raised' : await readEval.end()
    return outcome === 'unfinished' ? 1 : runExitCodes[outcome]
  } finally {
    lines.close()
    terminal.stdin.destroy()
  }
}
