// The code of the agents, as the build left it in the package: text, and compiled for the interpreters that were there.

import fs from 'node:fs'
import path from 'node:path'
import type manifest from '../agents/agents.json'
import { RemoraError } from '../errors/remora-error.js'

/** `enter` takes a line to the session that `keep` holds. */
export type AgentName = keyof typeof manifest

export interface AgentCode {
  /** `m` for marshalled code, `s` for source. */
  readonly kind: 'm' | 's'
  readonly payload: Buffer
}

/** Where the package keeps them, seen from each of the places that this code is built into. */
const PLACES = ['./agents', '../../agents', '../../dist/agents']

/**
 * The function that reads the agent's code for a target, given the magic number of its bytecode as it says it. One that
 * the build did not know gets the source, whose compilation takes it some milliseconds.
 * @throws RemoraError `INTERNAL` when the package is not whole.
 */
export function findAgent(name: AgentName): (magic: number | undefined) => AgentCode {
  const files = PLACES.map((place) => path.join(import.meta.dirname, place, name))
  const file = files.find((one) => fs.existsSync(`${one}.py`))
  if (file === undefined) throw new RemoraError('INTERNAL', `${name}.py is in no folder of ${files.join(', ')}`)
  return (magic) => {
    const compiled = magic === undefined ? undefined : readIfThere(`${file}.${magic}`)
    return compiled ? { kind: 'm', payload: compiled } : { kind: 's', payload: fs.readFileSync(`${file}.py`) }
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}
