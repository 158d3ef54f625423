// What a coroutine is doing: its frame, the frame of what it awaits, and so on inwards, until something is awaited
// that has no frame. Coroutines, generators and asynchronous generators are one structure to CPython, and a few
// objects stand between them. A coroutine that is executing has its inner frames on a thread's stack; the chain ends
// there, and says where that stack is to be taken up. Follows Include/internal/pycore_genobject.h and
// Objects/genobject.c (_PyGen_yf) at v3.14.0 and v3.15.0.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { parseFrame, type RawFrame } from '../frames/frame.js'
import { generatorStateOf } from '../frames/generator-state.js'
import { pointerAt, stackRefAt } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { AsyncioTarget } from './asyncio-target.js'

export interface CoroutineChain {
  /** Innermost first. */
  readonly frames: readonly RawFrame[]
  /** Address of the frame at which a thread's stack goes on inwards, 0 when nothing of the chain is executing. */
  readonly executing: Address
}

/** A chain that is longer is cut. */
export const MAX_CHAIN = 10_000

/** What is read of a coroutine at once. */
const COPY_BYTES = 512
/** Types that have a frame. All are built in, so that a class of the program with such a name is none of them. */
const WITH_FRAME = new Set(['coroutine', 'generator', 'async_generator'])
/** Types that only pass on to what they were made from, which they keep right behind their header. */
const WRAPPERS = new Set(['coroutine_wrapper', 'async_generator_asend', 'async_generator_athrow', 'anext_awaitable'])

/** @throws RemoraError `MEMORY_UNREADABLE` when the chain changes while it is read. */
export function readCoroutineChain(target: AsyncioTarget, coroutine: Address): CoroutineChain {
  const { runtime, types } = target
  const frames: RawFrame[] = []
  const seen = new Set<Address>()
  let executing = 0
  for (let at = coroutine; at !== 0 && executing === 0 && seen.size < MAX_CHAIN; ) {
    if (seen.has(at)) throw torn(at)
    seen.add(at)
    const bytes = copyObject(runtime, at)
    const { name, isStatic } = types.read(pointerAt(bytes, runtime.offsets.pyobject.ob_type))
    if (isStatic && WRAPPERS.has(name)) {
      at = pointerAt(bytes, runtime.offsets.pyobject.size)
    } else if (isStatic && WITH_FRAME.has(name)) {
      const { state, frame, awaits } = parseGenerator(runtime, at, bytes)
      if (state === 'executing') executing = frame.address
      if (state === 'suspended') frames.push(frame)
      at = awaits
    } else {
      // A future, or an object of the program's own: it has no frame to go on with.
      break
    }
  }
  return { frames: frames.reverse(), executing }
}

/** Most coroutines have few variables: one read brings all of one. What follows a smaller object does no harm. */
function copyObject({ memory, offsets }: Runtime, address: Address): Buffer {
  const [bytes] = memory.readMany([{ address, length: COPY_BYTES }])
  return bytes ?? memory.read(address, offsets.pyobject.size + 8)
}

interface Generator {
  readonly state: 'suspended' | 'executing' | 'cleared'
  readonly frame: RawFrame
  /** 0 unless it is suspended in an `await`, or in a `yield from`. */
  readonly awaits: Address
}

function parseGenerator(runtime: Runtime, address: Address, copy: Buffer): Generator {
  const { offsets } = runtime
  const { size, gi_iframe, gi_frame_state } = offsets.gen_object
  const needed = Math.max(size, gi_iframe + offsets.interpreter_frame.size)
  const bytes = copy.length >= needed ? copy : runtime.memory.read(address, needed)
  const state = generatorStateOf(runtime, bytes.readInt8(gi_frame_state))
  const frame = parseFrame(runtime, address + gi_iframe, bytes, gi_iframe)
  if (state === undefined || frame === undefined) throw torn(address)
  if (state !== 'awaiting') return { state, frame, awaits: 0 }
  return { state: 'suspended', frame, awaits: readAwaited(runtime, frame.address, bytes) }
}

/** The awaited object lies on top of the frame's own stack, or near it. */
function readAwaited({ memory, offsets, facts }: Runtime, frame: Address, bytes: Buffer): Address {
  const { gi_iframe } = offsets.gen_object
  const { stackpointer, localsplus } = offsets.interpreter_frame
  const { awaitedBelowTop, references } = facts.frames
  const slot = pointerAt(bytes, gi_iframe + stackpointer) - awaitedBelowTop
  if (slot < frame + localsplus) throw torn(frame)
  const at = slot - (frame - gi_iframe)
  const awaited =
    at + 8 <= bytes.length ? stackRefAt(bytes, at, references) : stackRefAt(memory.read(slot, 8), 0, references)
  if (awaited === undefined) throw torn(frame)
  return awaited
}

function torn(address: Address): RemoraError {
  return new RemoraError('MEMORY_UNREADABLE', 'a coroutine changed while it was read', { address })
}
