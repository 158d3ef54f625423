// Where a path may begin in a target, and what the functions are given that look for it.

import type { AsyncioOffsets } from '../../../cpython/asyncio/asyncio-offsets.js'
import { readDict } from '../../../cpython/objects/containers/dict.js'
import type { ValueReader } from '../../../cpython/values/value-reader.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { OpenProcess } from '../../target/open-process.js'
import type { Path, Step } from './parse-path.js'
import type { Place } from './place.js'

export interface Look {
  readonly opened: OpenProcess
  readonly reader: ValueReader
  /** Found when it is first asked for; undefined where no asyncio is loaded. */
  readonly asyncio: () => AsyncioOffsets | undefined
}

/** A beginning, and the steps that are left from there: of several, the first that leads on is taken. */
export interface Start {
  readonly place: Place
  /** The part of the path that it is. */
  readonly text: string
  readonly steps: readonly Step[]
}

export type FindStarts = (look: Look, path: Path) => Start[]

const BARE_WORD = /^[^\s.[\]:"']+$/

/** A name of a thread or a task as a path has it: quoted where it must be. */
export function toWord(name: string): string {
  return BARE_WORD.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`
}

/** The names in a namespace of the target; none for the address 0. */
export function readNames({ runtime, classes }: ValueReader, dict: Address): { name: string; value: Address }[] {
  if (dict === 0) return []
  return readDict(runtime, dict).flatMap(({ key, value }) => {
    const name = classes.nameAt(key)
    return name === undefined ? [] : [{ name, value }]
  })
}
