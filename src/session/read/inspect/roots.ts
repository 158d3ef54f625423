// What a path may begin with, by kind: a module or a global of `__main__`, an address, the frame of a thread, or a task.
// A new kind of root is a function and a line in `roots`.

import { readBodyPointer } from '../../../cpython/objects/body.js'
import { findDictValue } from '../../../cpython/objects/containers/dict.js'
import { readPointer } from '../../../cpython/pointer.js'
import { readMainInterpreter } from '../../../cpython/runtime/interpreter.js'
import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { findFrame } from './frame-root.js'
import { findNear } from './near-names.js'
import type { Path } from './parse-path.js'
import { type FindStarts, type Look, readNames, type Start } from './start.js'
import { findTask } from './task-root.js'

const roots: Readonly<Record<string, FindStarts>> = {
  name: findNamed,
  frame: findFrame,
  address: findAddressed,
  task: findTask,
}

/** What the grammar itself tells apart. */
const builtInKinds = ['name', 'frame', 'address']

/** The words that may stand between `@` and a colon. */
export const rootKinds: readonly string[] = Object.keys(roots).filter((kind) => !builtInKinds.includes(kind))

/** @throws RemoraError `PATH_NOT_FOUND`, `THREAD_NOT_FOUND`, `TASK_NOT_FOUND`. */
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
