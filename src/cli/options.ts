// Values of options that are more than text, with an error that says what was expected.

import { RemoraError } from '../errors/remora-error.js'

/** A positive number of seconds: `5`, `0.5`, `5s`, `500ms`. */
export function readSeconds(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)(s|ms|m)?$/.exec(text)
  const factor = { s: 1, ms: 0.001, m: 60 }[match?.[2] ?? 's'] as number
  const seconds = Number(match?.[1]) * factor
  if (!(seconds > 0)) throw new RemoraError('USAGE', `--${option} takes a time such as 5 or 500ms, not ${text}`)
  return seconds
}
