// Values of options that are more than text, with an error that says what was expected.

import { RemoraError } from '../../errors/remora-error.js'
import { type Invocation, stringOption } from '../command.js'

/** A time, `5`, `0.5`, `5s` or `500ms`, in milliseconds. */
export function readMilliseconds(invocation: Invocation, option: string): number | undefined {
  const text = stringOption(invocation, option)
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)(s|ms|m)?$/.exec(text)
  const factor = { s: 1000, ms: 1, m: 60_000 }[match?.[2] ?? 's'] as number
  const milliseconds = Number(match?.[1]) * factor
  if (!(milliseconds > 0)) throw new RemoraError('USAGE', `--${option} takes a time such as 5 or 500ms, not ${text}`)
  return milliseconds
}

/** Samples a second; 0 stands for as many as possible. */
export function readRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rate = Number(text)
  if (text.trim() !== '' && rate >= 0 && rate <= 1e7) return rate
  throw new RemoraError(
    'USAGE',
    `--rate takes samples a second such as 1000, or 0 for as many as possible, not ${text}`,
  )
}

/** One of a few words. */
export function readChoice<T extends string>(
  invocation: Invocation,
  option: string,
  choices: readonly T[],
): T | undefined {
  const text = stringOption(invocation, option)
  if (text === undefined) return undefined
  const choice = choices.find((one) => one === text)
  if (choice === undefined) throw new RemoraError('USAGE', `--${option} is one of ${choices.join(', ')}, not ${text}`)
  return choice
}
