// From the word that a person typed for the target to a process, pinned from then on: what gets its PID later is another
// one. A number needs no search, so none is loaded for it.

import { RemoraError } from '../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../process/identity.js'

/** @throws RemoraError `USAGE` without a word, and as `resolveTarget`. */
export async function chooseTarget(word: string | undefined, command: string): Promise<NamedProcess> {
  if (word === undefined) throw new RemoraError('USAGE', 'name a target', { command })
  if (/^[1-9]\d{0,9}$/.test(word)) return pinProcess(Number(word))
  const { resolveTarget } = await import('../session/target/resolve-target.js')
  return resolveTarget(word)
}
