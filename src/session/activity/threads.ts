// The threads of a target with all that identifies them on both sides, and the choice of one of them by what a person
// types: `main`, a thread id, or a name.

import type { Runtime } from '../../cpython/runtime/find-runtime.js'
import {
  type InterpreterState,
  isStaticState,
  readMainInterpreter,
  readThreads,
  type ThreadState,
} from '../../cpython/runtime/interpreter.js'
import { readThreadNames } from '../../cpython/runtime/sys-module.js'
import { RemoraError } from '../../errors/remora-error.js'
import { findMainThreadId, readThreadComm, threadIdMapper } from '../../process/threads/threads.js'
import type { ThreadInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'

export interface TargetThread {
  readonly state: ThreadState
  /** Read when it is first asked for: names take a walk through `sys.modules`. */
  readonly info: ThreadInfo
  /** What `threading` calls it, if anything, as an agent in it says: then there is no need to read that. */
  hear(name: string | undefined): void
  /** Thread id as this process sees it. */
  readonly tid: number
  readonly main: boolean
}

/** The threads of an interpreter, the main thread first, then in the order in which they were started. */
export function listThreads(
  { status, runtime }: OpenProcess,
  interpreter: InterpreterState = readMainInterpreter(runtime),
): TargetThread[] {
  const names = once(() => readNames(runtime, interpreter))
  const toTid = threadIdMapper(status)
  const threads = readThreads(runtime, interpreter).filter(({ usable }) => usable)
  return threads
    .map((state): TargetThread => {
      const main = isMain(state, interpreter, { status, runtime })
      const nativeId = main ? findMainThreadId(status, state.nativeId, otherIds(threads, state)) : state.nativeId
      const tid = toTid(nativeId)
      let heard: { readonly name: string | undefined } | undefined
      const readInfo = once((): ThreadInfo => {
        const own = heard === undefined ? names().get(state.id) : heard.name
        const name = own ?? (main ? 'MainThread' : readThreadComm(status.pid, tid)) ?? '?'
        return { id: Number(state.id), nativeId, name }
      })
      return {
        state,
        tid,
        main,
        get info() {
          return readInfo()
        },
        hear: (name) => {
          heard = { name }
        },
      }
    })
    .reverse()
    .sort((a, b) => Number(b.main) - Number(a.main))
}

function otherIds(threads: readonly ThreadState[], state: ThreadState): number[] {
  return threads.filter((other) => other !== state).map(({ nativeId }) => nativeId)
}

/** None of a target that ends meanwhile: whoever has asked it for something is not to fail for want of a name. */
function readNames(runtime: Runtime, interpreter: InterpreterState): ReadonlyMap<bigint, string> {
  try {
    return readThreadNames(runtime, interpreter)
  } catch (error) {
    if (error instanceof RemoraError) return new Map()
    throw error
  }
}

/** An embedded interpreter may not mark its main thread: its state is the one that is no block of the heap. */
function isMain(
  state: ThreadState,
  { id, threadsMain }: InterpreterState,
  { status, runtime }: Pick<OpenProcess, 'status' | 'runtime'>,
): boolean {
  if (threadsMain !== 0) return state.address === threadsMain
  return id === 0 ? isStaticState(runtime, state) : state.nativeId === status.innerPid
}

function once<T>(read: () => T): () => T {
  let value: { readonly read: T } | undefined
  return () => {
    value ??= { read: read() }
    return value.read
  }
}

/**
 * The thread that `which` names: `main`, its native id, its ident, or its name.
 * @throws RemoraError `THREAD_NOT_FOUND` with the threads there are.
 */
export function chooseThread(threads: readonly TargetThread[], which: string): TargetThread {
  const matches = threads.filter((thread) => {
    if (which === 'main') return thread.main
    const { nativeId, id, name } = thread.info
    return [nativeId, id, name].map(String).includes(which)
  })
  const [match] = matches
  if (match !== undefined && matches.length === 1) return match
  const list = threads.map(({ info }) => `${info.nativeId} (${info.name})`).join(', ')
  throw new RemoraError(
    'THREAD_NOT_FOUND',
    matches.length > 1 ? `several threads are called ${which}` : `the target has no thread ${which}`,
    { thread: which, threads: list },
  )
}
