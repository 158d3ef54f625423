// `remora record`: a sampling profile of a running process, or of one that is started for it. The recording is a file
// that grows while it runs; Ctrl-C ends it in good order, and whatever ends it, what was sampled is in the file.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { RemoraError } from '../../errors/remora-error.js'
import type { NamedProcess } from '../../process/identity.js'
import { formatNames, formatOfFile } from '../../profile/formats/index.js'
import type { RecordDocument } from '../../session/documents/index.js'
import { type ConvertOptions, checkDifference, chooseFormat, convert } from '../../session/profile/convert.js'
import { type RecordOptions, record } from '../../session/profile/record.js'
import { type LaunchedProcess, launch } from '../../session/target/launch.js'
import { chooseTarget } from '../choose-target.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { optimizeLater } from '../optimize-later.js'
import { readChoice, readMilliseconds, readRate } from '../options/option-values.js'
import { renderProgress, renderRecord } from '../render/profile/record.js'
import { mainOf } from '../run-command.js'
import { EndSignals } from '../terminal/end-signals.js'
import type { Terminal } from '../terminal/terminal.js'

const MODES = ['wall', 'cpu', 'gil', 'exceptions'] as const
/** At higher rates, fast code is soon worth its compilation. */
const MODERATE_RATE_HZ = 2000

const command: Omit<Command, 'run'> = {
  name: 'record',
  usage: '<target> | -- COMMAND…',
  description:
    'Reads only: the process is never stopped, and only proved stacks count. Ends with the process, after --duration, or at Ctrl-C.',
  options: {
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'FILE',
      description: 'keep the recording in this file (.remora), or write it in the format of its ending',
    },
    format: { type: 'string', short: 'f', placeholder: 'FORMAT', description: `remora, or ${formatNames.join(', ')}` },
    diff: { type: 'string', placeholder: 'OLD', description: 'show what has changed since the recording OLD' },
    rate: {
      type: 'string',
      short: 'r',
      placeholder: 'HZ',
      description: 'samples a second of each thread, 1000 by default; 0 is as many as possible',
    },
    duration: { type: 'string', short: 'd', placeholder: 'SECONDS', description: 'end after this time' },
    'until-exit': { type: 'boolean', description: 'end with the process (the default)' },
    mode: {
      type: 'string',
      placeholder: 'MODE',
      description: `which threads count: ${MODES.join(', ')}; wall, the default, is all`,
    },
    idle: { type: 'boolean', description: 'keep threads that the mode leaves out' },
    main: { type: 'boolean', description: 'only the main thread' },
    thread: { type: 'string', placeholder: 'ID', description: 'only this thread: main, an id or a name' },
    line: { type: 'boolean', description: 'tell lines and columns apart (the default)' },
    function: { type: 'boolean', description: 'tell only functions apart' },
    async: { type: 'boolean', description: 'tell asyncio tasks apart; those that wait count, too' },
    children: { type: 'boolean', description: 'also the Python processes that it starts' },
    json: jsonOption,
  },
  examples: [
    'remora record 1234 --duration 1 -o new.html',
    'remora record 1234 --duration 1',
    'remora record :8000 --rate 200 --duration 1 --mode gil --json',
    'remora record shop --children --duration 1 -o new.remora',
  ],
}

/** What follows `--` is a command line of its own, not to be parsed. */
export function main(words: readonly string[]): Promise<number> {
  const dashes = words.indexOf('--')
  const [own, launched] = dashes < 0 ? [words, undefined] : [words.slice(0, dashes), words.slice(dashes + 1)]
  return mainOf({ ...command, run: (invocation, terminal) => run(invocation, terminal, launched) })(own)
}

async function run(
  invocation: Invocation,
  terminal: Terminal,
  commandLine: readonly string[] | undefined,
): Promise<number> {
  if (commandLine !== undefined && (invocation.positionals.length > 0 || commandLine.length === 0)) {
    throw new RemoraError('USAGE', 'name a target, or a command after --, but not both', { command: 'record' })
  }
  const options = readOptions(invocation)
  const output = stringOption(invocation, 'output')
  const endSignals = new EndSignals()
  const conversion = readConversion(invocation, output)
  const temporary = output === undefined ? fs.mkdtempSync(path.join(os.tmpdir(), 'remora-record-')) : undefined
  try {
    let launched: LaunchedProcess | undefined
    const start = async (): Promise<NamedProcess> => {
      if (options.rateHz > 0 && options.rateHz <= MODERATE_RATE_HZ) optimizeLater()
      if (commandLine === undefined) return chooseTarget(invocation.positionals[0], 'record')
      launched = await launch(commandLine)
      return launched.process
    }
    // What is to be converted grows beside its place, where it is found if anything goes wrong.
    const recording = conversion === undefined ? output : `${conversion.output}.remora`
    const file = recording ?? path.join(temporary as string, 'recording.remora')
    const json = invocation.options.json === true
    const progress = json ? {} : { onProgress: showProgress(terminal) }
    const recorded = await record(start, { ...options, ...progress, file, signal: endSignals.signal })
    const document = conversion === undefined ? recorded : { ...recorded, ...finish(file, conversion) }
    const { output: _, ...kept } = document
    const shown = output === undefined ? kept : { ...document, output }
    // The output of a program that was started here is not mixed with ours.
    const write = commandLine === undefined || json ? terminal.writeOut : terminal.writeError
    await write(json ? `${JSON.stringify(shown)}\n` : renderRecord(shown, terminal))
    await launched?.exit
    return 0
  } finally {
    endSignals.dispose()
    if (temporary !== undefined) fs.rmSync(temporary, { recursive: true, force: true })
  }
}

type Conversion = ConvertOptions & { readonly output: string }

/** The other format that the recording is wanted in, if it is not to be kept as it is. */
function readConversion(invocation: Invocation, output: string | undefined): Conversion | undefined {
  const diff = stringOption(invocation, 'diff')
  const named = stringOption(invocation, 'format')
  if (output === undefined) {
    if (diff === undefined && named === undefined) return undefined
    throw new RemoraError('USAGE', '--format and --diff need a file: -o FILE', { command: 'record' })
  }
  const isKept = named === 'remora' || (named === undefined && formatOfFile(output) === undefined)
  if (isKept && diff === undefined) return undefined
  const format = chooseFormat(output, named)
  checkDifference(format, output, diff)
  return { output, format, ...(diff === undefined ? {} : { diff }) }
}

/** Writes the format that is wanted, in place of the recording. */
function finish(file: string, conversion: Conversion): Pick<RecordDocument, 'difference'> {
  const { difference } = convert(file, conversion.output, conversion)
  fs.unlinkSync(file)
  return difference === undefined ? {} : { difference }
}

type SamplingOptions = Omit<RecordOptions, 'file' | 'signal' | 'onProgress'> & { readonly rateHz: number }

function readOptions(invocation: Invocation): SamplingOptions {
  const { options } = invocation
  const durationMs = readMilliseconds(invocation, 'duration')
  const thread = options.main === true ? 'main' : stringOption(invocation, 'thread')
  return {
    rateHz: readRate(stringOption(invocation, 'rate')) ?? 1000,
    mode: readChoice(invocation, 'mode', MODES) ?? 'wall',
    idle: options.idle === true,
    granularity: options.function === true ? 'function' : 'line',
    children: options.children === true,
    tasks: options.async === true,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(thread === undefined ? {} : { thread }),
  }
}

/** One line on the terminal, written again and again; nothing where stderr is no terminal. */
function showProgress(terminal: Terminal): NonNullable<RecordOptions['onProgress']> {
  return (progress) => void (terminal.errorColumns !== undefined && terminal.writeError(renderProgress(progress)))
}
