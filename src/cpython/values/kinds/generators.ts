// Generators and coroutines, with the variables of their suspended frames. Follows Include/cpython/genobject.h at
// v3.14.0.

import { RemoraError } from '../../../errors/remora-error.js'
import type { Address } from '../../../memory/remote-memory.js'
import { CodeCache } from '../../code.js'
import { readLocals } from '../../locals.js'
import { readStr } from '../../objects/str.js'
import { readPointer, stackRefAt } from '../../pointer.js'
import { type Child, type Describe, type Shape, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

const generatorShape: Describe = (object, { reader }): Shape => {
  const { runtime, classes } = reader
  const name = readPointer(runtime.memory, object.address + runtime.offsets.gen_object.gi_name + 8)
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
}

/** Nothing once it has ended: the frame is then cleared. */
function readFrameVariables({ runtime }: ValueReader, generator: Address): Child[] {
  const { memory, offsets, version } = runtime
  const state = memory.read(generator + offsets.gen_object.gi_frame_state, 1).readInt8()
  const ended = version.minor >= 15 ? state >= 5 : state >= 1
  if (ended) return []
  const frame = generator + offsets.gen_object.gi_iframe
  const code = stackRefAt(memory.read(frame + offsets.interpreter_frame.executable, 8), 0)
  if (code === undefined || code === 0)
    throw new RemoraError('MEMORY_UNREADABLE', 'the generator changed', { generator })
  return readLocals(runtime, frame, new CodeCache(runtime).read(code)).map(({ name, address }) => ({
    name,
    value: address,
  }))
}
