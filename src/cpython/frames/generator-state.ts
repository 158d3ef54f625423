// How far a generator or a coroutine has come, by its `gi_frame_state`, whose numbers are each version's own.

import type { Runtime } from '../runtime/find-runtime.js'
import type { GeneratorState } from '../versions/version-module.js'

/** Undefined for a number that means nothing. */
export function generatorStateOf({ facts }: Pick<Runtime, 'facts'>, number: number): GeneratorState | undefined {
  const { generatorStates: states } = facts
  return (Object.keys(states) as GeneratorState[]).find((state) => states[state].includes(number))
}
