// The GIL as its interpreter keeps it. Follows Include/internal/pycore_gil.h at v3.14.0.

import type { Address } from '../../memory/remote-memory.js'
import { pointerAt } from '../pointer.js'
import type { Runtime } from './find-runtime.js'
import type { InterpreterState } from './interpreter.js'

/** Bytes from the start of the structure in which its mutexes and condition variables lie, in every build. */
const GIL_BYTES = 256

export interface GilState {
  /** The thread state that has it; 0 when nobody has. */
  readonly holder: Address
  /** How often it has gone from one thread to another. */
  readonly switches: bigint
}

/** The GIL whose structure lies at `address`. A free-threaded build has one that nobody ever takes. */
export function readGil({ memory, offsets }: Runtime, address: Address): GilState {
  const { gil_runtime_state, gil_runtime_state_locked, gil_runtime_state_holder, gil_switch_number } =
    offsets.interpreter_state
  const bytes = memory.read(address, GIL_BYTES)
  const locked = bytes.readInt32LE(gil_runtime_state_locked - gil_runtime_state) === 1
  return {
    holder: locked ? pointerAt(bytes, gil_runtime_state_holder - gil_runtime_state) : 0,
    switches: bytes.readBigUInt64LE(gil_switch_number - gil_runtime_state),
  }
}

/** Whether something lies inside of the GIL's structure: the futex of a thread that wants the GIL does. */
export function isInGil({ gil }: InterpreterState, address: Address): boolean {
  return address >= gil && address < gil + GIL_BYTES
}
