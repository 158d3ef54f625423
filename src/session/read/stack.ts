// The stacks of all threads of a target, and why each thread waits. Reads only: nothing in the target runs, is written
// or stops, so it also works on a process that is blocked, deadlocked, stuck in C, or has remote debugging disabled.

import { CodeCache } from '../../cpython/code/code.js'
import { type InterpreterState, readInterpreters } from '../../cpython/runtime/interpreter.js'
import type { ValueLimits } from '../../cpython/values/variable.js'
import { readStack, type Stack } from '../../unwind/read-stack.js'
import { WaitReader } from '../activity/thread-wait.js'
import { chooseThread, listThreads, type TargetThread } from '../activity/threads.js'
import type { FrameInfo, StackDocument, ThreadStackInfo } from '../documents/index.js'
import type { OpenProcess } from '../target/open-process.js'
import { SourceLines } from './source-lines.js'
import type { readStackWithLocals, StackWithLocals } from './stack-locals.js'

export interface StackOptions {
  /** Only this thread: `'main'`, a native thread id, an ident, or a name. */
  thread?: string
  /** Also the threads of subinterpreters. */
  allInterpreters?: boolean
  /** Also the variables of each call, within these limits (`true`: the usual ones). */
  locals?: boolean | Partial<ValueLimits>
  /** Source lines beside the frames; true by default. */
  source?: boolean
}

/** Brought by who may want `locals`: the readers of values are two fifths of the code of `remora stack`. */
export type LocalsReader = typeof readStackWithLocals

/** Reads stacks of one process again and again: code objects, names and source lines are kept from call to call. */
export class StackReader {
  readonly #opened: OpenProcess
  readonly #codes: CodeCache
  readonly #lines: SourceLines
  readonly #waits: WaitReader
  readonly #readLocals: LocalsReader | undefined

  constructor(opened: OpenProcess, readLocals?: LocalsReader) {
    this.#opened = opened
    this.#readLocals = readLocals
    this.#codes = new CodeCache(opened.runtime)
    this.#lines = new SourceLines(opened.status.pid)
    this.#waits = new WaitReader(opened)
  }

  read(options: StackOptions = {}): StackDocument {
    const interpreters = readInterpreters(this.#opened.runtime)
    const chosen = options.allInterpreters === true ? interpreters : interpreters.slice(0, 1)
    const threads = chosen.flatMap((interpreter) => this.#readInterpreter(interpreter, options))
    return {
      schema: 'remora.stack/1',
      target: this.#opened.info,
      takenAt: new Date().toISOString(),
      consistent: threads.every(({ consistent }) => consistent),
      threads,
    }
  }

  close(): void {
    this.#waits.close()
  }

  #readInterpreter(interpreter: InterpreterState, options: StackOptions): ThreadStackInfo[] {
    this.#codes.refresh(interpreter)
    const all = listThreads(this.#opened, interpreter)
    const threads = options.thread === undefined ? all : [chooseThread(all, options.thread)]
    return threads.map((thread) => this.#readThread(thread, interpreter, options))
  }

  #readThread(thread: TargetThread, interpreter: InterpreterState, options: StackOptions): ThreadStackInfo {
    const { state, waitingOn } = this.#waits.read(thread.tid, interpreter)
    const { frames, consistent } = this.#readFrames(thread, options)
    return {
      ...thread.info,
      main: thread.main,
      holdsGil: thread.state.holdsGil,
      state,
      ...(waitingOn === undefined ? {} : { waitingOn }),
      interpreter: interpreter.id,
      consistent,
      frames: frames.map((frame) => (options.source === false ? frame : this.#withSource(frame))),
    }
  }

  #readFrames({ state }: TargetThread, { locals = false }: StackOptions): StackWithLocals | Stack {
    const { runtime } = this.#opened
    if (locals === false || this.#readLocals === undefined) return readStack(runtime, state, this.#codes)
    return this.#readLocals(runtime, state, this.#codes, locals === true ? {} : locals)
  }

  #withSource(frame: FrameInfo): FrameInfo {
    const source = frame.line === null ? undefined : this.#lines.find(frame.file, frame.line)
    return source === undefined ? frame : { ...frame, source }
  }
}
