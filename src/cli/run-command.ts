// The tail that all commands share: parse, help, run, and turn every failure into text or JSON and an exit code.

import { parseArgs } from 'node:util'
import { RemoraError } from '../errors/remora-error.js'
import type { Command, Invocation, OptionSpec } from './command.js'
import { renderError, toErrorDocument } from './render/error.js'
import { openTerminal, type Terminal } from './terminal.js'

const HELP: OptionSpec = { type: 'boolean', short: 'h', description: 'show this help' }

/** The function that runs `command` for the words behind its name and returns the exit code. */
export function mainOf(command: Command): (words: readonly string[]) => Promise<number> {
  return (words) => runCommand(command, words, openTerminal())
}

async function runCommand(command: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  const complete = { ...command, options: { ...command.options, help: HELP } }
  try {
    const invocation = parse(complete, words)
    if (invocation.options.help === true) {
      const { renderHelp } = await import('./render/help.js')
      await terminal.writeOut(renderHelp(complete))
      return 0
    }
    return await command.run(invocation, terminal)
  } catch (thrown) {
    const error = toRemoraError(thrown)
    // The words, not the parsed options: parsing may be what failed.
    if (words.includes('--json')) await terminal.writeOut(`${JSON.stringify(toErrorDocument(error))}\n`)
    else await terminal.writeError(renderError(error))
    return error.exitCode
  }
}

function parse({ name, options }: Command, words: readonly string[]): Invocation {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: Object.fromEntries(
        Object.entries(options).map(([long, { type, short }]) => [
          long,
          short === undefined ? { type } : { type, short },
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

function toRemoraError(thrown: unknown): RemoraError {
  if (thrown instanceof RemoraError) return thrown
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return new RemoraError('INTERNAL', text, { cause: thrown })
}
