// `remora pdb`: the standard library's debugger, attached. Ctrl-C stops a program or a command that runs; at a prompt it
// is pdb's own; `q` and Ctrl-D let the program go.

import type net from 'node:net'
import { RemoraError } from '../../errors/remora-error.js'
import { serveFrontEnd } from '../../pdb/serve-front-end.js'
import { type NoPdbSession, openPdb, type PdbOptions, type PdbSession } from '../../session/run/open-pdb.js'
import { WritableTarget } from '../../session/run/writable-target.js'
import { describeActivity } from '../../session/words/activity-words.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption, stringOptions } from '../command.js'
import { nudgeOption, readNudgeMode } from '../options/nudge-option.js'
import { readMilliseconds } from '../options/option-values.js'
import { readRendezvous, rendezvousOption } from '../options/rendezvous-option.js'
import { LineFrontEnd } from '../pdb/front-end.js'
import type { LineSource } from '../pdb/line-source.js'
import { mainOf } from '../run-command.js'
import { EndSignals } from '../terminal/end-signals.js'
import type { Terminal } from '../terminal/terminal.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'

const command: Command = {
  name: 'pdb',
  usage: '<target>',
  description:
    'The program stops at a safe point and is debugged by the pdb of its own standard library. Ctrl-C stops it again while it runs. q and Ctrl-D let it go, and so does any end of this command.',
  options: {
    command: {
      type: 'string',
      short: 'c',
      multiple: true,
      placeholder: 'COMMAND',
      description: 'run this command first; may be given several times',
    },
    thread: { type: 'string', placeholder: 'ID', description: 'stop this thread: main (the default), an id or a name' },
    'all-threads': { type: 'boolean', description: 'breakpoints stop every thread, one at a time' },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'give up if the thread reaches no safe point by then (10 by default)',
    },
    listen: {
      type: 'string',
      placeholder: 'HOST:PORT',
      description: 'serve one session there as plain lines, to nc or telnet',
    },
    'listen-unix': { type: 'string', placeholder: 'PATH', description: 'the same on a Unix socket' },
    'no-token': {
      type: 'boolean',
      description: 'accept a client without a token, on the loopback or on --listen-unix only',
    },
    nudge: nudgeOption,
    rendezvous: rendezvousOption,
    json: { ...jsonOption, description: 'print one JSON document a command instead of text' },
  },
  examples: ['remora pdb 1234 -c where -c q', 'remora pdb :8000 --all-threads -c where -c up -c args -c q'],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [targetWord, ...rest] = invocation.positionals
  if (rest.length > 0) throw new RemoraError('USAGE', `unexpected argument ${rest[0]}`, { command: 'pdb' })
  const named = await chooseTarget(targetWord, 'pdb')
  const target = new WritableTarget(named, readRendezvous(invocation))
  const debugging: Debugging = {}
  const endSignals = listenFor(debugging)
  try {
    const client = await waitIfListening(invocation, terminal, endSignals.signal)
    if (endSignals.signal.aborted) return 0
    const notice = new WaitingNotice(terminal)
    const options: PdbOptions = {
      ...readOptions(invocation, terminal),
      signal: endSignals.signal,
      onWaiting: (activity, thread) => notice.show(activity, thread),
    }
    if (invocation.options.json === true) {
      const { debugInDocuments, Pdb } = await import('../pdb/documents.js')
      const pdb = await notice.during(() => Pdb.open(target, options))
      debugging.session = pdb
      return await debugInDocuments(pdb, terminal)
    }
    const session = await notice.during(() => openPdb(target, options))
    if (session.outcome !== undefined) return await showAbsence(session, named.pid, endSignals.signal.aborted, terminal)
    debugging.session = session
    await (client === undefined ? debug(session, terminal) : serveTo(client, session))
    if (session.detached || endSignals.signal.aborted) return 0
    await terminal.writeError(`remora: process ${named.pid} has ended\n`)
    return 4
  } finally {
    // Also where nothing can be written any more, as on a terminal that is gone.
    debugging.session?.close()
    await target.close()
    endSignals.dispose()
  }
}

async function waitIfListening(
  invocation: Invocation,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<net.Socket | undefined> {
  if (invocation.options.listen === undefined && invocation.options['listen-unix'] === undefined) return undefined
  const { readListenOptions, waitForClient } = await import('../pdb/serve.js')
  const options = readListenOptions(invocation)
  return options && waitForClient(options, terminal, stop)
}

async function serveTo(client: net.Socket, session: PdbSession): Promise<void> {
  const { serve } = await import('../pdb/serve.js')
  await serve(session, client)
}

function readOptions(invocation: Invocation, terminal: Terminal): PdbOptions {
  const json = invocation.options.json === true
  return {
    thread: stringOption(invocation, 'thread') ?? 'main',
    allThreads: invocation.options['all-threads'] === true,
    commands: stringOptions(invocation, 'command').flatMap((text) => text.split('\n')),
    // Opening the terminal's streams takes as long as the target takes to reach a safe point.
    colour: () => !json && terminal.style('bold', '-') !== '-',
    timeoutMs: readMilliseconds(invocation, 'timeout'),
    nudge: readNudgeMode(invocation),
    onDropped: (bytes) => {
      if (!json) void terminal.writeError(`remora: ${bytes} bytes of output are lost, as they were not read in time\n`)
    },
  }
}

async function debug(session: PdbSession, terminal: Terminal): Promise<void> {
  const onInterrupt = (): void => {
    if (!frontEnd.interrupt()) session.interrupt()
  }
  const lines = await openLines(session, terminal, onInterrupt)
  const frontEnd = new LineFrontEnd({
    lines,
    write: (text) => terminal.writeOut(text),
    page: (text) => page(text, terminal, lines),
    checkBlock: (block) => session.checkBlock(block),
  })
  try {
    await serveFrontEnd(session, frontEnd)
  } finally {
    lines.close()
  }
}

/** Loaded when they are needed: a session of commands given on the command line needs neither. */
async function openLines(session: PdbSession, terminal: Terminal, onInterrupt: () => void): Promise<LineSource> {
  let opened: LineSource | undefined
  const open = async (): Promise<LineSource> => {
    if (terminal.interactive !== undefined) {
      const { TerminalLines } = await import('../pdb/terminal-lines.js')
      return new TerminalLines({ ...terminal.interactive, gone: session.ended, onInterrupt })
    }
    const { PipedLines } = await import('../pdb/piped-lines.js')
    return new PipedLines({ input: terminal.stdin, write: (text) => terminal.writeOut(text), gone: session.ended })
  }
  return {
    readLine: async (...words) => {
      opened ??= await open()
      return opened.readLine(...words)
    },
    close: () => opened?.close(),
  }
}

async function page(text: string, terminal: Terminal, lines: LineSource): Promise<void> {
  const rows = terminal.interactive?.output.rows ?? Number.POSITIVE_INFINITY
  if (text.split('\n').length < rows) return terminal.writeOut(text)
  const { runPager } = await import('../pdb/pager.js')
  lines.close()
  if (!runPager(text)) await terminal.writeOut(text)
}

async function showAbsence(
  { outcome, pendingMs, pending }: NoPdbSession,
  pid: number,
  aborted: boolean,
  terminal: Terminal,
): Promise<number> {
  if (outcome === 'exited') {
    await terminal.writeError(`remora: process ${pid} ended before it could be stopped\n`)
    return 4
  }
  const doing = pending === undefined ? '' : `; the thread is ${describeActivity(pending)}`
  const text = aborted
    ? 'remora: the request was withdrawn\n'
    : `remora: the thread reached no safe point within ${(pendingMs / 1000).toFixed(1)} s; the request was withdrawn${doing}\n`
  await terminal.writeError(text)
  return 5
}

/** What is under way: nothing, as long as the request for it waits. */
interface Debugging {
  session?: Pick<PdbSession, 'interrupt' | 'close'>
}

/** A request that waits is withdrawn; a session is interrupted by Ctrl-C, and left at all else. */
function listenFor(debugging: Debugging): EndSignals {
  const endSignals = new EndSignals({
    takes: (name) => {
      if (name !== 'SIGINT' || debugging.session === undefined) return false
      debugging.session.interrupt()
      return true
    },
  })
  endSignals.signal.addEventListener('abort', () => debugging.session?.close())
  return endSignals
}
