// The code of the agents, and of the bootstrap that lets them in, as the build left it in the package: text, and compiled
// for the interpreters that were there.

import fs from 'node:fs'
import path from 'node:path'
import bootstrapSource from '../agents/bootstrap.py'
import type { PythonVersion } from '../cpython/versions/version.js'
import { RemoraError } from '../errors/remora-error.js'
import { type AgentName, MESSAGES } from './protocol.js'

export type { AgentName }

export interface AgentCode {
  readonly message: typeof MESSAGES.code | typeof MESSAGES.source
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
    if (compiled !== undefined) return { message: MESSAGES.code, payload: compiled }
    return { message: MESSAGES.source, payload: fs.readFileSync(`${file}.py`) }
  }
}

/**
 * Statements that define the `main` of bootstrap.py. For a version that the build knew it is there as code, and the text
 * is only for an interpreter with another magic number: compiling it takes a fifth of the time of a short request.
 */
export function bootstrapFor(version: Pick<PythonVersion, 'name'> | undefined): string[] {
  const fromText = `exec(${JSON.stringify(bootstrapSource)})`
  const compiled = version && readBootstrap(`bootstrap.${version.name}.json`)
  if (compiled === undefined) return [fromText]
  return [
    'import _imp, marshal',
    `if _imp.pyc_magic_number_token & 0xFFFF == ${compiled.magic}:`,
    `    exec(marshal.loads(bytes.fromhex("${compiled.code}")))`,
    'else:',
    `    ${fromText}`,
  ]
}

function readBootstrap(name: string): { readonly magic: number; readonly code: string } | undefined {
  const found = PLACES.map((place) => readIfThere(path.join(import.meta.dirname, place, name))).find(Boolean)
  return found && JSON.parse(found.toString('utf8'))
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}
