// The help of one command, made from its specification.

import type { Command, OptionSpec } from '../command.js'
import { summaries } from '../summaries.js'

export function renderHelp({ name, usage, description, options, examples }: Command): string {
  const rows = Object.entries(options).map(([long, option]) => [optionWords(long, option), option.description] as const)
  const summary = summaries[name]
  const width = Math.max(...rows.map(([words]) => words.length))
  return [
    `Usage: remora ${name} ${usage}`.trimEnd(),
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}. ${description}`.trimEnd(),
    '',
    'Options:',
    ...rows.map(([words, text]) => `  ${words.padEnd(width)}  ${text}`),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

function optionWords(long: string, { short, type, placeholder = 'VALUE', bareValue }: OptionSpec): string {
  const value = type === 'boolean' ? '' : bareValue === undefined ? ` ${placeholder}` : `[=${placeholder}]`
  return `${short === undefined ? '    ' : `-${short}, `}--${long}${value}`
}
