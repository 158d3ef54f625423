// Generators and coroutines, with the variables of their suspended frames; the frames of a traceback, with theirs. Follows
// Include/cpython/genobject.h, Include/internal/pycore_{frame,traceback}.h and Objects/frameobject.c at v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { type Code, CodeCache } from '../../code/code.js'
import { F_FRAME, parseFrame, positionOf, type RawFrame } from '../../frames/frame.js'
import { generatorStateOf } from '../../frames/generator-state.js'
import { readLocals } from '../../frames/locals.js'
import { readBodyPointer } from '../../objects/body.js'
import { readStr } from '../../objects/scalars/str.js'
import { readPointer, stackRefAt } from '../../pointer.js'
import { type Child, type Describe, type Shape, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

const generatorShape: Describe = (object, { reader }): Shape => {
  const { runtime, classes } = reader
  const name = readPointer(runtime.memory, object.address + runtime.offsets.gen_object.gi_qualname)
  const kind = classes.at(object.class.address).name
  return {
    open: [`<${kind} object ${readStr(runtime, name)} at ${toHex(object.address)}>`],
    extra: () => readFrameVariables(reader, object.address),
  }
}

export const generatorKinds: Readonly<Record<string, Describe>> = {
  generator: generatorShape,
  coroutine: generatorShape,
  async_generator: generatorShape,
  frame: (object, { reader }) => {
    const { frame, code } = readFrameOf(reader, object.address)
    const { memory, offsets } = reader.runtime
    const file = readPointer(memory, code.address + offsets.code_object.filename)
    const { line } = positionOf(frame, code)
    return {
      open: [`<frame at ${toHex(object.address)}, file `, file, `, line ${line ?? 'None'}, code ${code.name}>`],
      extra: () => readVariables(reader, frame.address, code),
    }
  },
  traceback: (object, { reader }) => {
    const next = readBodyPointer(reader.runtime, object.address, 0)
    const extra = (): Child[] => (next === 0 ? [] : [{ name: 'tb_next', value: next }])
    return { open: [`<traceback object at ${toHex(object.address)}>`], showMembers: true, extra }
  },
}

/** The frame that a frame object stands for, which may be on the stack of a thread. */
function readFrameOf({ runtime }: ValueReader, object: Address): { readonly frame: RawFrame; readonly code: Code } {
  const address = readBodyPointer(runtime, object, F_FRAME)
  const bytes = runtime.memory.read(address, runtime.offsets.interpreter_frame.size)
  const frame = parseFrame(runtime, address, bytes, 0)
  if (frame === undefined || frame.code === 0) throw torn(object)
  return { frame, code: new CodeCache(runtime).read(frame.code) }
}

/** Nothing once it has ended: the frame is then cleared. */
function readFrameVariables(reader: ValueReader, generator: Address): Child[] {
  const { runtime } = reader
  const { memory, offsets, facts } = runtime
  const state = generatorStateOf(runtime, memory.read(generator + offsets.gen_object.gi_frame_state, 1).readInt8())
  if (state === 'cleared') return []
  const frame = generator + offsets.gen_object.gi_iframe
  const code = stackRefAt(memory.read(frame + offsets.interpreter_frame.executable, 8), 0, facts.frames.references)
  if (code === undefined || code === 0) throw torn(generator)
  return readVariables(reader, frame, new CodeCache(runtime).read(code))
}

function readVariables({ runtime }: ValueReader, frame: Address, code: Code): Child[] {
  return readLocals(runtime, frame, code).map(({ name, address }) => ({ name, value: address }))
}

function torn(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', `the frame of 0x${address.toString(16)} changed`, { address })
}
