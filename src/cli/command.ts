// What a command is to the command line: words for its help, options for the parser, and a function. What it is for says
// `summaries.ts`. Everything else (parsing, help, errors, exit codes) is the same for all and stands in `run-command.ts`.

import type { CommandName } from './summaries.js'
import type { Terminal } from './terminal/terminal.js'

export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** The value that the bare option stands for: `--nudge` alone is `--nudge=safe`. Another one then needs the `=`. */
  readonly bareValue?: string
  /** May be given several times. */
  readonly multiple?: boolean
  /** What stands for the value in the help: `SECONDS`. */
  readonly placeholder?: string
  readonly description: string
}

export interface Invocation {
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | string[] | undefined>>
}

export interface Command {
  readonly name: CommandName
  /** What follows the name: `<target> [FILE | -c CODE | -]`. */
  readonly usage: string
  /** Paragraphs below the usage. */
  readonly description: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Command lines that run as they stand, given a target. */
  readonly examples: readonly string[]
  /** Returns the exit code. */
  run(invocation: Invocation, terminal: Terminal): Promise<number>
}

export const jsonOption: OptionSpec = { type: 'boolean', description: 'print one JSON document instead of text' }

/** The value of a text option. */
export function stringOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The values of a text option that may be given several times, in their order. */
export function stringOptions({ options }: Invocation, name: string): string[] {
  const values = options[name]
  return Array.isArray(values) ? values : []
}
