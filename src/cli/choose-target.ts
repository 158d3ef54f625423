// From the word that a person typed for the target to a PID. A number needs no search, so it is not loaded for one.

import { RemoraError } from '../errors/remora-error.js'

/** @throws RemoraError `USAGE` without a word, and as `resolveTarget`. */
export async function chooseTarget(word: string | undefined, command: string): Promise<number> {
  if (word === undefined) throw new RemoraError('USAGE', 'name a target', { command })
  if (/^[1-9]\d{0,9}$/.test(word)) return Number(word)
  const { resolveTarget } = await import('../session/target/resolve-target.js')
  return resolveTarget(word)
}
