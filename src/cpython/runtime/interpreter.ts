// Walks the interpreters of a runtime and the thread states of an interpreter. Every walk is bounded, and a link that
// leads back is an error rather than an endless loop.

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { pointerAt, readPointer } from '../pointer.js'
import { retryTorn, unlessTorn } from '../retry-torn.js'
import type { Runtime } from './find-runtime.js'

/** More would be a broken list. */
export const MAX_INTERPRETERS = 256
const MAX_THREADS = 8192

export interface InterpreterState {
  readonly address: Address
  /** 0 is the main interpreter. */
  readonly id: number
  /** Whether scripts of other processes may run: 1 only when neither the build nor the start of it forbids that. */
  readonly remoteDebugging: boolean
  /** The newest thread state, as of this reading. */
  readonly threadsHead: Address
  /** The thread state that runs `__main__`, 0 in an embedded interpreter. Its storage is static. */
  readonly threadsMain: Address
  /** Address of the GIL's structure: a subinterpreter may share that of the main one. */
  readonly gil: Address
  /** Changes when a code object, or in a free-threaded build a copy of its instructions, is freed: see `CodeCache`. */
  readonly codeGeneration: string
}

export interface ThreadState {
  readonly address: Address
  /** `threading.get_ident()` of the thread. */
  readonly id: bigint
  /** `threading.get_native_id()`: the thread id in the target's own PID namespace. */
  readonly nativeId: number
  readonly holdsGil: boolean
  readonly currentFrame: Address
  readonly dataStackChunk: Address
  /** Where the next frame of the newest chunk will begin. */
  readonly dataStackTop: Address
  /** The frame at its bottom that is always there; 0 where threads have none. */
  readonly baseFrame: Address
  /** It is being torn down, or is not set up yet: nothing may be asked of it. */
  readonly usable: boolean
}

/** All interpreters, the main one first. */
export function readInterpreters(runtime: Runtime): InterpreterState[] {
  const { memory, address, offsets } = runtime
  const head = readPointer(memory, address + offsets.runtime_state.interpreters_head)
  const interpreters = walk(head, MAX_INTERPRETERS, 'interpreters', (at) => {
    const interpreter = readInterpreter(runtime, at)
    // The main one is the oldest: nothing comes after it.
    return [interpreter, interpreter.id === 0 ? 0 : readPointer(memory, at + offsets.interpreter_state.next)]
  })
  return interpreters.sort((a, b) => a.id - b.id)
}

/** The main interpreter. `interpreters_head` is the newest one, so the list is walked to the end. */
export function readMainInterpreter(runtime: Runtime): InterpreterState {
  const main = readInterpreters(runtime).find(({ id }) => id === 0)
  if (main === undefined) throw new RemoraError('RUNTIME_CORRUPT', 'the runtime has no main interpreter')
  return main
}

/** Whether a thread state lies in the runtime's own static data, where no thread's end can free it. */
export function isStaticState(
  { address: runtime, offsets }: Runtime,
  { address }: Pick<ThreadState, 'address'>,
): boolean {
  return address >= runtime && address < runtime + offsets.runtime_state.size
}

/** Whether the runtime is shutting down: no request would run any more. */
export function readFinalizing({ memory, address, offsets }: Runtime): boolean {
  return readPointer(memory, address + offsets.runtime_state.finalizing) !== 0
}

/** The thread states of an interpreter that was read just now, newest first, as CPython links them. */
export function readThreads(runtime: Runtime, interpreter: InterpreterState): ThreadState[] {
  const { threadsMain } = interpreter
  const threads = unlessTorn(() => walkThreads(runtime, interpreter), undefined, 1)
  // A new one may just be made in the place of one that has ended since: it leads nowhere yet.
  const isWhole = threadsMain === 0 || threads?.some(({ address }) => address === threadsMain)
  return threads !== undefined && isWhole ? threads : readThreadsAnew(runtime, interpreter)
}

/** The same of an interpreter that was read before: its newest thread may be another one by now. */
export function readThreadsAnew(runtime: Runtime, interpreter: InterpreterState): ThreadState[] {
  const head = interpreter.address + runtime.offsets.interpreter_state.threads_head
  return retryTorn(() => walkThreads(runtime, { ...interpreter, threadsHead: readPointer(runtime.memory, head) }))
}

function walkThreads(runtime: Runtime, interpreter: InterpreterState): ThreadState[] {
  const { thread_state } = runtime.offsets
  return walk(interpreter.threadsHead, MAX_THREADS, 'threads', (at) => {
    const bytes = runtime.memory.read(at, thread_state.size)
    // One that has ended leads nowhere, and one before which another has come is not the newest.
    const isHead = at === interpreter.threadsHead
    const isBehind = isHead && pointerAt(bytes, thread_state.prev) !== 0
    if (isBehind || pointerAt(bytes, thread_state.interp) !== interpreter.address) {
      throw new RemoraError('MEMORY_UNREADABLE', 'the list of threads changed while it was read', { address: at })
    }
    return [parseThread(runtime, at, bytes), pointerAt(bytes, thread_state.next)]
  })
}

/** One thread state again, where it was found. It may have been freed since. */
export function readThread(runtime: Runtime, address: Address): ThreadState {
  return parseThread(runtime, address, runtime.memory.read(address, runtime.offsets.thread_state.size))
}

export function parseThread({ offsets, facts }: Runtime, address: Address, bytes: Buffer): ThreadState {
  const fields = offsets.thread_state
  const status = bytes.readUInt32LE(fields.status)
  const { initialized, ending } = facts.threadStatus
  return {
    address,
    id: bytes.readBigUInt64LE(fields.thread_id),
    nativeId: bytes.readUInt32LE(fields.native_thread_id),
    holdsGil: bytes.readInt32LE(fields.holds_gil) !== 0,
    currentFrame: pointerAt(bytes, fields.current_frame),
    dataStackChunk: pointerAt(bytes, fields.datastack_chunk),
    dataStackTop: pointerAt(bytes, fields.datastack_top),
    baseFrame: fields.base_frame === undefined ? 0 : pointerAt(bytes, fields.base_frame),
    usable: (status & initialized) !== 0 && (status & ending) === 0,
  }
}

function readInterpreter({ memory, offsets, freeThreaded }: Runtime, address: Address): InterpreterState {
  const fields = offsets.interpreter_state
  const [id, head, main, enabled, gil, codes, copies] = memory.readMany([
    { address: address + fields.id, length: 8 },
    { address: address + fields.threads_head, length: 8 },
    { address: address + fields.threads_main, length: 8 },
    { address: address + offsets.debugger_support.remote_debugging_enabled, length: 4 },
    { address: address + fields.ceval_gil, length: 8 },
    { address: address + fields.code_object_generation, length: 8 },
    ...(freeThreaded ? [{ address: address + fields.tlbc_generation, length: 4 }] : []),
  ])
  if (!id || !head || !main || !enabled || !gil || !codes) {
    throw new RemoraError('MEMORY_UNREADABLE', 'cannot read the interpreter state', { address })
  }
  return {
    address,
    id: Number(id.readBigInt64LE()),
    remoteDebugging: enabled.readInt32LE() === 1,
    threadsHead: pointerAt(head, 0),
    threadsMain: pointerAt(main, 0),
    gil: pointerAt(gil, 0),
    codeGeneration: `${codes.readBigUInt64LE()} ${copies?.readUInt32LE() ?? 0}`,
  }
}

/** Follows a linked list of at most `limit` nodes; `visit` returns what to keep of a node and the next address. */
function walk<T>(head: Address, limit: number, what: string, visit: (at: Address) => [T, Address]): T[] {
  const kept: T[] = []
  const seen = new Set<Address>()
  for (let at = head; at !== 0; ) {
    if (seen.has(at) || seen.size >= limit) {
      throw new RemoraError('MEMORY_UNREADABLE', `the list of ${what} is broken or changed while it was read`, { head })
    }
    seen.add(at)
    const [item, next] = visit(at)
    kept.push(item)
    at = next
  }
  return kept
}
