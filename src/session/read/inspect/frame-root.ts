// A frame as the beginning of a path: `@main:2` leads to its variables, and beyond them to the globals it sees.

import { CodeCache } from '../../../cpython/code/code.js'
import { positionOf } from '../../../cpython/frames/frame.js'
import { readGlobals, readLocals } from '../../../cpython/frames/locals.js'
import { readPointer } from '../../../cpython/pointer.js'
import { readMainInterpreter } from '../../../cpython/runtime/interpreter.js'
import type { Child } from '../../../cpython/values/shape.js'
import { RemoraError } from '../../../errors/remora-error.js'
import { readFrames } from '../../../unwind/find-frame.js'
import type { FoundFrame } from '../../../unwind/read-stack.js'
import { chooseThread, listThreads } from '../../activity/threads.js'
import type { Path, Root } from './parse-path.js'
import type { Namespace } from './place.js'
import { type Look, readNames, type Start } from './start.js'

/** @throws RemoraError `THREAD_NOT_FOUND`, `PATH_NOT_FOUND`. */
export function findFrame(look: Look, { root, steps }: Path): Start[] {
  const { runtime } = look.opened
  const index = root.index ?? 0
  const thread = chooseThread(listThreads(look.opened), root.name)
  const codes = new CodeCache(runtime)
  const frames = readFrames(runtime, thread.state, codes)
  const found = frames[index]
  if (found === undefined) throw noFrame(root, `thread ${root.name}`, frames)
  // The innermost frame may go on: that makes nothing false which was read of it.
  const isSame = (): boolean =>
    isSameFrame(readFrames(runtime, thread.state, codes)[index], found, { mayGoOn: index === 0 })
  return [{ place: { namespace: toNamespace(look, found, isSame) }, text: root.text, steps }]
}

/** The variables of one frame, and beyond them its globals and the builtins. */
export function toNamespace(look: Look, { frame, code }: FoundFrame, isSame: () => boolean): Namespace {
  return {
    type: 'frame',
    text: `<frame of ${code.qualifiedName}, ${whereIs({ frame, code })}>`,
    children: readVariables(look, { frame, code }),
    beyond: () => readBeyond(look, { frame, code }),
    isSame,
  }
}

export function readVariables({ opened: { runtime } }: Look, { frame, code }: FoundFrame): Child[] {
  return readLocals(runtime, frame.address, code).map(({ name, address }) => ({ name, value: address }))
}

/** The globals that a frame sees, and the builtins. */
export function readBeyond({ opened: { runtime }, reader }: Look, { frame }: FoundFrame): Child[] {
  const { address } = readMainInterpreter(runtime)
  const builtins = readPointer(runtime.memory, address + runtime.offsets.interpreter_state.builtins)
  return [readGlobals(runtime, frame.address), builtins].flatMap((dict) => readNames(reader, dict))
}

/** `server.py:12` */
export function whereIs({ frame, code }: FoundFrame): string {
  const { line } = positionOf(frame, code)
  return line === null ? code.file : `${code.file}:${line}`
}

export function isSameFrame(
  now: FoundFrame | undefined,
  { frame }: FoundFrame,
  { mayGoOn }: { mayGoOn: boolean },
): boolean {
  if (now === undefined || now.frame.address !== frame.address || now.frame.code !== frame.code) return false
  return mayGoOn || now.frame.instruction === frame.instruction
}

/** @param owner What has the frames: `thread main`. */
export function noFrame({ text, index }: Root, owner: string, frames: readonly FoundFrame[]): RemoraError {
  const whole = text.replace(/:\d+$/, '')
  const there = frames.map(({ code }, number) => `${whole}:${number} ${code.qualifiedName}`)
  const what = frames.length === 0 ? 'runs no Python' : `has ${frames.length} frame${frames.length === 1 ? '' : 's'}`
  return new RemoraError('PATH_NOT_FOUND', `${owner} ${what}, so there is no frame ${index ?? 0}`, {
    path: text,
    reached: frames.length === 0 ? '' : whole,
    missing: `:${index ?? 0}`,
    there,
    near: [],
  })
}
