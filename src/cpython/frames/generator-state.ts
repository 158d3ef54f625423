// How far a generator or a coroutine has come, by its `gi_frame_state`, which 3.15 has renumbered. Follows
// Include/internal/pycore_frame.h at v3.14.0 and pycore_interpframe_structs.h at v3.15.0 (PyFrameState).

import type { Runtime } from '../runtime/find-runtime.js'

/** `suspended` has not begun, or rests in a `yield`; `awaiting` in an `await` or a `yield from`; `cleared` has ended. */
export type GeneratorState = 'suspended' | 'awaiting' | 'executing' | 'cleared'

type Numbers = Readonly<Record<GeneratorState, readonly number[]>>

const OLDER: Numbers = { suspended: [-3, -2], awaiting: [-1], executing: [0], cleared: [1, 4] }
const NEWER: Numbers = { suspended: [0, 1], awaiting: [2, 3], executing: [4], cleared: [5] }

/** Undefined for a number that means nothing. */
export function generatorStateOf({ version }: Pick<Runtime, 'version'>, number: number): GeneratorState | undefined {
  const states = version.minor >= 15 ? NEWER : OLDER
  return (Object.keys(states) as GeneratorState[]).find((state) => states[state].includes(number))
}
