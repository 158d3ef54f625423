// `remora exec`: a script in, its output and its outcome out. Text goes through as it comes; Ctrl-C withdraws a script
// that has not started, interrupts one that runs, and gives up at the second time.

import fs from 'node:fs'
import path from 'node:path'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import type { ExecDocument } from '../../session/documents/index.js'
import { type ExecOptions, exec, execInAllThreads } from '../../session/run/exec.js'
import { requestFile } from '../../session/run/request-file.js'
import { WritableTarget } from '../../session/run/writable-target.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { runExitCodes } from '../exit-codes.js'
import { nudgeOption, readNudgeMode } from '../options/nudge-option.js'
import { readMilliseconds } from '../options/option-values.js'
import { readRendezvous, rendezvousOption } from '../options/rendezvous-option.js'
import { renderOutcome, renderThreadHeading } from '../render/run/exec.js'
import { renderNudging } from '../render/run/nudging.js'
import { mainOf } from '../run-command.js'
import { Interrupts } from '../terminal/interrupts.js'
import { passThrough } from '../terminal/pass-through.js'
import type { Terminal } from '../terminal/terminal.js'
import { WaitingNotice } from '../terminal/waiting-notice.js'

const command: Command = {
  name: 'exec',
  usage: '<target> [FILE | -c CODE | -]',
  description:
    "The script runs on top of the frame that is running at that moment, as with sys.remote_exec: sys._getframe(1) is the program's own. What the script prints appears here.",
  options: {
    command: { type: 'string', short: 'c', placeholder: 'CODE', description: 'run this code instead of a file' },
    thread: {
      type: 'string',
      placeholder: 'ID',
      description: 'in this thread: main (the default), all, an id or a name',
    },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long the script may take to start (10 by default) and, if given, to run',
    },
    nudge: nudgeOption,
    'no-wait': {
      type: 'boolean',
      description: 'request that FILE is run, as sys.remote_exec does, and do not wait for it',
    },
    rendezvous: rendezvousOption,
    json: jsonOption,
  },
  examples: [
    "remora exec 1234 -c 'import threading; print(threading.enumerate())'",
    'remora exec :8000 script.py',
    "remora exec 1234 --nudge -c 'import sys; print(sys._getframe(1))'",
  ],
  run,
}

export const main = mainOf(command)

interface SourceFile {
  readonly source: Buffer
  readonly filename: string
}

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  if (invocation.options['no-wait'] === true) return requestOnly(invocation)
  const [targetWord, ...files] = invocation.positionals
  const named = await chooseTarget(targetWord, 'exec')
  const script = await readScript(stringOption(invocation, 'command'), files, terminal)
  const target = new WritableTarget(named, readRendezvous(invocation))
  const interrupts = new Interrupts(named.pid, target, terminal)
  try {
    const documents = await execute(target, script, invocation, { terminal, interrupts })
    return Math.max(...documents.map(({ outcome }) => runExitCodes[outcome]))
  } finally {
    target.dispose()
    interrupts.dispose()
  }
}

async function execute(
  target: WritableTarget,
  { source, filename }: SourceFile,
  invocation: Invocation,
  { terminal, interrupts }: { terminal: Terminal; interrupts: Interrupts },
): Promise<ExecDocument[]> {
  const json = invocation.options.json === true
  const thread = stringOption(invocation, 'thread') ?? 'main'
  const timeoutMs = readMilliseconds(invocation, 'timeout')
  const notice = new WaitingNotice(terminal)
  const nudge = readNudgeMode(invocation)
  const options: ExecOptions = {
    filename,
    signal: interrupts.signal,
    nudge,
    ...(timeoutMs === undefined ? {} : { timeoutMs, runTimeoutMs: timeoutMs }),
    onWaiting: (activity, info) => notice.show(activity, info),
  }
  let shown = Promise.resolve()
  // One after the other: several threads may be done at the same time.
  const onDocument = (document: ExecDocument): Promise<void> => {
    shown = shown.then(() => {
      notice.clear()
      if (json) return terminal.writeOut(`${JSON.stringify(document)}\n`)
      return showDocument(document, { withOutput: thread === 'all', aborted: interrupts.signal.aborted }, terminal)
    })
    return shown
  }
  return notice.during(async () => {
    if (thread === 'all') return execInAllThreads(target, source, { ...options, onDocument })
    const onOutput = json ? undefined : passThrough(terminal, notice)
    const document = await exec(target, source, { ...options, thread, onOutput })
    await onDocument(document)
    return [document]
  })
}

async function showDocument(
  document: ExecDocument,
  { withOutput, aborted }: { withOutput: boolean; aborted: boolean },
  terminal: Terminal,
): Promise<void> {
  if (withOutput) {
    await terminal.writeOut(renderThreadHeading(document.thread, terminal))
    await terminal.writeOut(document.stdout)
    await terminal.writeError(document.stderr)
  }
  await terminal.writeError(renderNudging(document))
  await terminal.writeError(renderOutcome(document, aborted))
}

async function requestOnly(invocation: Invocation): Promise<number> {
  const [targetWord, file, ...more] = invocation.positionals
  if (file === undefined || file === '-' || more.length > 0 || invocation.options.command !== undefined) {
    throw new RemoraError('USAGE', '--no-wait needs a FILE that the target can read', { command: 'exec' })
  }
  const target = new WritableTarget(await chooseTarget(targetWord, 'exec'))
  try {
    requestFile(target, path.resolve(file), stringOption(invocation, 'thread') ?? 'main')
    return 0
  } finally {
    target.dispose()
  }
}

async function readScript(code: string | undefined, files: readonly string[], terminal: Terminal): Promise<SourceFile> {
  if (files.length + (code === undefined ? 0 : 1) !== 1) {
    throw new RemoraError('USAGE', 'name one script: FILE, -c CODE, or - for standard input', { command: 'exec' })
  }
  if (code !== undefined) return { source: Buffer.from(code), filename: '<string>' }
  const [file] = files as [string]
  if (file === '-') return { source: await readAll(terminal.stdin), filename: '<stdin>' }
  try {
    return { source: fs.readFileSync(file), filename: path.resolve(file) }
  } catch (cause) {
    const reasons: Record<string, string> = {
      ENOENT: 'does not exist',
      EISDIR: 'is a directory',
      EACCES: 'may not be read',
    }
    const reason = reasons[systemErrorCode(cause) ?? ''] ?? 'cannot be read'
    throw new RemoraError('SCRIPT_UNREADABLE', `the script ${file} ${reason}`, { path: file, cause })
  }
}

async function readAll(stream: NodeJS.ReadStream): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
