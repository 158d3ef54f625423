// The options of all commands that show values: how much of them, and what is masked.

import { DEFAULT_LIMITS, type ValueLimits } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import { type Invocation, type OptionSpec, stringOption } from '../command.js'

const { depth, items, chars } = DEFAULT_LIMITS

export const valueOptions: Readonly<Record<string, OptionSpec>> = {
  depth: {
    type: 'string',
    placeholder: 'N',
    description: `levels of containers and objects to show (${depth} by default)`,
  },
  items: { type: 'string', placeholder: 'N', description: `items of one container (${items} by default)` },
  chars: { type: 'string', placeholder: 'N', description: `characters of one text (${chars} by default)` },
  mask: {
    type: 'string',
    placeholder: 'REGEX',
    description: 'mask values whose name or key matches, instead of the usual secrets',
  },
  'no-mask': { type: 'boolean', description: 'mask nothing' },
}

/** @throws RemoraError `USAGE` for what is no number or no regular expression. */
export function readValueLimits(invocation: Invocation): Partial<ValueLimits> {
  const numbers = Object.fromEntries(
    (['depth', 'items', 'chars'] as const).flatMap((name) => {
      const value = readCount(stringOption(invocation, name), name)
      return value === undefined ? [] : [[name, value]]
    }),
  ) as Partial<ValueLimits>
  if (invocation.options['no-mask'] === true) return { ...numbers, mask: undefined }
  const mask = stringOption(invocation, 'mask')
  return mask === undefined ? numbers : { ...numbers, mask: toPattern(mask) }
}

/** @throws RemoraError `USAGE` for what is no whole number. */
export function readCount(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new RemoraError('USAGE', `--${option} takes a number such as 20, not ${text}`)
  return Number(text)
}

function toPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch (cause) {
    throw new RemoraError('USAGE', `--mask takes a regular expression: ${(cause as Error).message}`, { cause })
  }
}
