// The images of `drawn.c`, opened for tests: what a process with the structures of a free-threaded CPython looks like.

import fs from 'node:fs'
import path from 'node:path'
import { CodeCache } from '../../../src/cpython/code/code.js'
import type { Runtime } from '../../../src/cpython/runtime/find-runtime.js'
import { readMainInterpreter, readThreads } from '../../../src/cpython/runtime/interpreter.js'
import { readAbiFlags, readThreadNames } from '../../../src/cpython/runtime/sys-module.js'
import { parseImage } from '../../../src/memory/image.js'
import { RecordedMemory } from '../../../src/memory/recorded.js'
import { readStackWithLocals, type StackWithLocals } from '../../../src/session/read/stack-locals.js'
import { findRecordedRuntime } from '../open-image.js'

export const drawnFolder = import.meta.dirname
export const SUFFIX = '.image.gz'

/** What the compiler says of the build: offsets by `group.field`, and the version of the headers. */
export type Layout = Readonly<Record<string, number | string>>

export interface DrawnImage {
  readonly name: string
  readonly layout: Layout
  readonly runtime: Runtime
}

/** All of them, each with memory of its own. */
export function openDrawnImages(): DrawnImage[] {
  const files = fs.readdirSync(drawnFolder).filter((file) => file.endsWith(SUFFIX))
  return files.map((file) => {
    const { facts, pages } = parseImage(fs.readFileSync(path.join(drawnFolder, file)))
    const runtime = findRecordedRuntime(facts, new RecordedMemory(pages))
    return { name: file.slice(0, -SUFFIX.length), layout: facts.expected as Layout, runtime }
  })
}

/** All that an image has to hold: the threads by their names, with their variables. */
export function readDrawn(runtime: Runtime): { abiFlags: string; stacks: ReadonlyMap<string, StackWithLocals> } {
  const interpreter = readMainInterpreter(runtime)
  const codes = new CodeCache(runtime)
  codes.refresh(interpreter)
  const names = readThreadNames(runtime, interpreter)
  const stacks = readThreads(runtime, interpreter).map(
    (thread) => [names.get(thread.id) ?? '?', readStackWithLocals(runtime, thread, codes, {})] as const,
  )
  return { abiFlags: readAbiFlags(runtime), stacks: new Map(stacks) }
}
