// What a path may begin with, by kind: a module or a global of `__main__`, or the frame of a thread. A new kind of root
// is a function and a line in `roots`.

import { CodeCache } from '../../cpython/code.js'
import { positionOf } from '../../cpython/frame.js'
import { readMainInterpreter } from '../../cpython/interpreter.js'
import { readGlobals, readLocals } from '../../cpython/locals.js'
import { readBodyPointer } from '../../cpython/objects/body.js'
import { findDictValue, readDict } from '../../cpython/objects/dict.js'
import { readPointer } from '../../cpython/pointer.js'
import type { Child } from '../../cpython/values/shape.js'
import type { ValueReader } from '../../cpython/values/value-reader.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { type FoundFrame, readFrames } from '../../unwind/find-frame.js'
import type { OpenProcess } from '../open-process.js'
import { chooseThread, listThreads } from '../threads.js'
import { findNear } from './near-names.js'
import type { Path, Root, Step } from './parse-path.js'
import type { Place } from './place.js'

export interface Look {
  readonly opened: OpenProcess
  readonly reader: ValueReader
}

/** Where a path may begin, and the steps that are left from there: of several, the first that leads on is taken. */
export interface Start {
  readonly place: Place
  /** The part of the path that it is. */
  readonly text: string
  readonly steps: readonly Step[]
}

type FindStarts = (look: Look, path: Path) => Start[]

const roots: Readonly<Record<string, FindStarts>> = { name: findNamed, frame: findFrame, address: findAddressed }

/** What the grammar itself tells apart. */
const builtInKinds = ['name', 'frame', 'address']

/** The words that may stand between `@` and a colon. */
export const rootKinds: readonly string[] = Object.keys(roots).filter((kind) => !builtInKinds.includes(kind))

/** @throws RemoraError `PATH_NOT_FOUND`, `THREAD_NOT_FOUND`. */
export function findStarts(look: Look, path: Path): Start[] {
  return (roots[path.root.kind] as FindStarts)(look, path)
}

/** The module with the longest name that the path begins with; then a global of `__main__`. */
function findNamed(look: Look, path: Path): Start[] {
  const { runtime } = look.opened
  const modules = addressOfModules(look)
  const starts: Start[] = []
  const [names, texts] = [[path.root.name], [path.root.text]]
  for (const step of path.steps) {
    if (!('attribute' in step)) break
    names.push(step.attribute)
    texts.push(step.text)
  }
  for (let count = names.length; count > 0 && starts.length === 0; count--) {
    const value = findDictValue(runtime, modules, names.slice(0, count).join('.'))
    const text = texts.slice(0, count).join('')
    if (value !== undefined) starts.push({ place: { value }, text, steps: path.steps.slice(count - 1) })
  }
  const globals = findGlobalsOfMain(look)
  const value = globals && findDictValue(runtime, globals, path.root.name)
  if (value !== undefined) starts.push({ place: { value }, text: path.root.text, steps: path.steps })
  if (starts.length === 0) throw notFound(look, path)
  return starts
}

/** An object by its `id()`. Nothing proves that one lies there, but what its class is. */
function findAddressed({ reader }: Look, { text, root, steps }: Path): Start[] {
  const value = Number(root.name)
  try {
    reader.at(value)
  } catch (cause) {
    const details = { path: text, reached: '', missing: root.text, there: [], near: [], cause }
    throw new RemoraError('PATH_NOT_FOUND', `there is no object at ${root.name}`, details)
  }
  return [{ place: { value }, text: root.text, steps }]
}

function findFrame({ opened, reader }: Look, { root, steps }: Path): Start[] {
  const { runtime } = opened
  const thread = chooseThread(listThreads(opened), root.name)
  const codes = new CodeCache(runtime)
  const frames = readFrames(runtime, thread.state, codes)
  const found = frames[root.index]
  if (found === undefined) throw noFrame(root, frames)
  const { frame, code } = found
  const children = readLocals(runtime, frame.address, code).map(({ name, address }) => ({ name, value: address }))
  const line = positionOf(frame, code).line
  const text = `<frame of ${code.qualifiedName}, ${code.file}${line === null ? '' : `:${line}`}>`
  const globals = readGlobals(runtime, frame.address)
  const builtins = readPointer(
    runtime.memory,
    readMainInterpreter(runtime).address + runtime.offsets.interpreter_state.builtins,
  )
  const beyond = (): Child[] => [globals, builtins].flatMap((dict) => readNames(reader, dict))
  const isSame = (): boolean => {
    const now = readFrames(runtime, thread.state, codes)[root.index]?.frame
    if (now?.address !== frame.address || now.code !== frame.code) return false
    // The innermost frame may go on: that makes nothing false which was read of it.
    return root.index === 0 || now.instruction === frame.instruction
  }
  return [{ place: { namespace: { type: 'frame', text, children, beyond, isSame } }, text: root.text, steps }]
}

/** The modules of `sys.modules`, by name. */
export function readModules(look: Look): Map<string, Address> {
  return new Map(readNames(look.reader, addressOfModules(look)).map(({ name, value }) => [name, value]))
}

export function readGlobalsOfMain(look: Look): { name: string; value: Address }[] {
  return readNames(look.reader, findGlobalsOfMain(look) ?? 0)
}

function addressOfModules({ opened: { runtime } }: Look): Address {
  const { address } = readMainInterpreter(runtime)
  return readPointer(runtime.memory, address + runtime.offsets.interpreter_state.imports_modules)
}

/** Undefined in a program that does not run `__main__`. */
function findGlobalsOfMain(look: Look): Address | undefined {
  const { runtime } = look.opened
  const main = findDictValue(runtime, addressOfModules(look), '__main__')
  return main === undefined ? undefined : readBodyPointer(runtime, main, 0)
}

function readNames({ runtime, classes }: ValueReader, dict: Address): { name: string; value: Address }[] {
  if (dict === 0) return []
  return readDict(runtime, dict).flatMap(({ key, value }) => {
    const name = classes.nameAt(key)
    return name === undefined ? [] : [{ name, value }]
  })
}

function notFound(look: Look, { text, root }: Path): RemoraError {
  const there = [...new Set([...readModules(look).keys(), ...readGlobalsOfMain(look).map(({ name }) => name)])]
  const near = findNear(root.name, there)
  return new RemoraError('PATH_NOT_FOUND', `no module and no global of __main__ is called ${root.name}`, {
    path: text,
    reached: '',
    missing: root.name,
    there,
    near,
  })
}

function noFrame({ text, index, name }: Root, frames: readonly FoundFrame[]): RemoraError {
  const there = frames.map(({ code }, number) => `@${name}:${number} ${code.qualifiedName}`)
  const what = frames.length === 0 ? 'runs no Python' : `has ${frames.length} frames`
  return new RemoraError('PATH_NOT_FOUND', `thread ${name} ${what}, so there is no frame ${index}`, {
    path: text,
    reached: frames.length === 0 ? '' : `@${name}`,
    missing: `:${index}`,
    there,
    near: [],
  })
}
