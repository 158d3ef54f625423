// Functions of a profile: frames that differ only in their position belong to one.

import type { ProfileFrame } from '../profile.js'

export interface FunctionTable {
  /** A frame of each function. */
  readonly functions: readonly ProfileFrame[]
  /** The function of each frame. */
  readonly ofFrame: Uint32Array
}

/** @param byLine whether functions of one name in one file are told apart by their first line, as lambdas must be */
export function findFunctions(frames: readonly ProfileFrame[], { byLine = true } = {}): FunctionTable {
  const ids = new Map<string, number>()
  const functions: ProfileFrame[] = []
  const ofFrame = new Uint32Array(frames.length)
  for (const [index, frame] of frames.entries()) {
    const key = `${frame.qualifiedName}\0${frame.file}\0${byLine ? frame.firstLine : ''}`
    let id = ids.get(key)
    if (id === undefined) {
      id = functions.push(frame) - 1
      ids.set(key, id)
    }
    ofFrame[index] = id
  }
  return { functions, ofFrame }
}
