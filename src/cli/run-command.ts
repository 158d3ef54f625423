// The tail that all commands share: parse, help, run, and turn every failure into text or JSON and an exit code.

import { parseArgs } from 'node:util'
import { RemoraError } from '../errors/remora-error.js'
import type { Command, Invocation, OptionSpec } from './command.js'
import { renderError, toErrorDocument } from './render/error.js'
import { openTerminal, type Terminal } from './terminal/terminal.js'

const HELP: OptionSpec = { type: 'boolean', short: 'h', description: 'show this help' }

/** The function that runs `command` for the words behind its name and returns the exit code. */
export function mainOf(command: Command): (words: readonly string[]) => Promise<number> {
  return (words) => runCommand(command, words, openTerminal())
}

async function runCommand(command: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  const complete = { ...command, options: { ...command.options, help: HELP } }
  // The words, not the parsed options: parsing may be what fails.
  return tellFailure(terminal, { json: words.includes('--json'), command: command.name }, async () => {
    const invocation = parse(complete, words)
    if (invocation.options.help !== true) return command.run(invocation, terminal)
    const { renderHelp } = await import('./render/help.js')
    await terminal.writeOut(renderHelp(complete))
    return 0
  })
}

/** The exit code of `action`; a failure is told on stdout with `json`, unless that is what failed, else on stderr. */
export async function tellFailure(
  terminal: Terminal,
  { json, command }: { json: boolean; command?: string },
  action: () => Promise<number>,
): Promise<number> {
  try {
    return await action()
  } catch (thrown) {
    const error = withCommand(toRemoraError(thrown), command)
    const inWords = (): Promise<void> => terminal.writeError(renderError(error))
    if (!json) await inWords()
    else await terminal.writeOut(`${JSON.stringify(toErrorDocument(error))}\n`).catch(inWords)
    return error.exitCode
  }
}

/** Options are read by functions that do not know for which command. */
function withCommand(error: RemoraError, command: string | undefined): RemoraError {
  if (error.code !== 'USAGE' || error.details.command !== undefined || command === undefined) return error
  return new RemoraError('USAGE', error.message, { ...error.details, command, cause: error.cause })
}

function parse({ name, options }: Command, words: readonly string[]): Invocation {
  try {
    const { values, positionals } = parseArgs({
      args: expandBareOptions(words, options),
      options: Object.fromEntries(
        Object.entries(options).map(([long, { type, short, multiple = false }]) => [
          long,
          short === undefined ? { type, multiple } : { type, short, multiple },
        ]),
      ),
      allowPositionals: true,
    })
    return { positionals, options: values as Invocation['options'] }
  } catch (cause) {
    // parseArgs says what is wrong in its first sentence, and then advises on `--`.
    const [message = String(cause)] = (cause as Error).message.split('. ')
    throw new RemoraError('USAGE', message, { command: name, cause })
  }
}

/** parseArgs knows no option with or without a value: the one without is given what it stands for. */
function expandBareOptions(words: readonly string[], options: Command['options']): string[] {
  const end = words.indexOf('--')
  return words.map((word, index) => {
    const bareValue = word.startsWith('--') ? options[word.slice(2)]?.bareValue : undefined
    return bareValue === undefined || (end >= 0 && index > end) ? word : `${word}=${bareValue}`
  })
}

function toRemoraError(thrown: unknown): RemoraError {
  if (thrown instanceof RemoraError) return thrown
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return new RemoraError('INTERNAL', text, { cause: thrown })
}
