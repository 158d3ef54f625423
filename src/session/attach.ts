// `attach`: the entry of the library, and its one object over all that can be asked of a target. It does nothing itself:
// each method hands one of two objects to the function that does it, the open process to what reads and the writable
// target to what runs code. The commands call the same functions with the same objects, each only those that it needs, as
// loading the others is what a short command would spend its time on.

import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { readAbiFlags } from '../cpython/runtime/sys-module.js'
import { RemoraError } from '../errors/remora-error.js'
import type {
  EvalDocument,
  ExecDocument,
  InspectDocument,
  InstancesDocument,
  RecordDocument,
  ReferrersDocument,
  StackDocument,
  TargetInfo,
  TasksDocument,
  TopDocument,
  TraceDocument,
} from './documents/index.js'
import { type RecordOptions, record } from './profile/record.js'
import { type TopOptions, top } from './profile/top.js'
import { complete, type InspectOptions, inspect } from './read/inspect.js'
import { findInstances, type InstancesOptions } from './read/instances.js'
import { findReferrers, type ReferrersOptions } from './read/referrers.js'
import { type StackOptions, StackReader } from './read/stack.js'
import { readStackWithLocals } from './read/stack-locals.js'
import { readTasks } from './read/tasks.js'
import { type EvalOptions, evaluate } from './run/eval.js'
import { type ExecInAllThreadsOptions, type ExecOptions, exec, execInAllThreads } from './run/exec.js'
import type { PdbOptions } from './run/open-pdb.js'
import { Pdb } from './run/pdb.js'
import { Repl, type ReplOptions } from './run/repl.js'
import { requestFile } from './run/request-file.js'
import { type TraceOptions, trace } from './run/trace.js'
import { WritableTarget } from './run/writable-target.js'
import { type OpenProcess, openProcess } from './target/open-process.js'

/** What kind of Python runs in a target. */
export interface PythonInfo {
  /** `3.14.8` */
  readonly version: string
  /** Path of the executable as the target sees it. */
  readonly executable: string
  readonly freeThreaded: boolean
  /** Built with --with-pydebug. */
  readonly debugBuild: boolean
}

export interface AttachOptions {
  /** Directories, as the target sees them, in which both sides can meet; by default /dev/shm, /tmp and a few others. */
  readonly rendezvous?: readonly string[]
}

/**
 * Attaches to a running CPython, by reading only.
 *
 * @example
 * await using target = await attach(1234)
 * const result = await target.exec('print(6 * 7)')
 * result.stdout // '42\n'
 *
 * @throws RemoraError `PROCESS_NOT_FOUND`, `TARGET_IS_SELF`, `PROCESS_IS_ZOMBIE`, `PROCESS_IS_KERNEL_THREAD`,
 * `PERMISSION_DENIED`, `NOT_PYTHON`, `PYTHON_UNSUPPORTED`, `RUNTIME_CORRUPT`, `PLATFORM_UNSUPPORTED`.
 */
export async function attach(pid: number, options: AttachOptions = {}): Promise<Target> {
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    throw new RemoraError('TARGET_INVALID', `${pid} is not a process id`, { target: pid })
  }
  return new Target(openProcess(pid, { access: 'read' }), options)
}

/** An attached process. Dispose it, or leave its `await using` scope, and nothing of it is left. */
export class Target implements AsyncDisposable {
  readonly pid: number
  readonly info: TargetInfo
  readonly #opened: OpenProcess
  readonly #writable: WritableTarget
  #stackReader: StackReader | undefined

  /** Use `attach`. */
  constructor(opened: OpenProcess, options: AttachOptions) {
    this.#opened = opened
    this.pid = opened.status.pid
    this.info = opened.info
    this.#writable = new WritableTarget(opened.identity, options)
  }

  get python(): PythonInfo {
    const { runtime, info } = this.#opened
    return {
      version: runtime.version.text,
      executable: info.executable,
      freeThreaded: runtime.freeThreaded,
      debugBuild: readAbiFlags(runtime).includes('d'),
    }
  }

  /** The runtime for reading: what the lower layers of this package take. */
  get runtime(): Runtime {
    return this.#opened.runtime
  }

  /**
   * The asyncio tasks of all threads, and who awaits whom, from memory alone.
   * @throws RemoraError `TARGET_EXITED`, `RUNTIME_CORRUPT`, `MEMORY_UNREADABLE`.
   */
  tasks(): TasksDocument {
    return readTasks(this.#opened)
  }

  /**
   * Samples the stacks of all threads into a recording, until its time is over, the target ends, or it is told to stop.
   *
   * @example
   * const { functions } = await target.record({ file: 'shop.remora', durationMs: 5_000 })
   *
   * @throws RemoraError `TARGET_EXITED`, `THREAD_NOT_FOUND`, `OUTPUT_UNWRITABLE`, `PYTHON_UNSUPPORTED`.
   */
  async record(options: RecordOptions): Promise<RecordDocument> {
    return record(this.#opened.identity, options)
  }

  /**
   * Watches the process: a document about its last seconds, each second, until its time is over, the target ends, or
   * nobody asks for more.
   *
   * @example
   * for await (const { functions } of target.top({ durationMs: 5_000 })) console.log(functions[0])
   *
   * @throws RemoraError `TARGET_EXITED`, `THREAD_NOT_FOUND`, `PYTHON_UNSUPPORTED`.
   */
  top(options: TopOptions = {}): AsyncGenerator<TopDocument, void, undefined> {
    return top(this.#opened.identity, options)
  }

  /** The stacks of all threads, as they are now, by reading only. */
  stack(options: StackOptions = {}): StackDocument {
    this.#stackReader ??= new StackReader(this.#opened, readStackWithLocals)
    return this.#stackReader.read(options)
  }

  /**
   * The value at the end of a path, read from memory: no code runs for it.
   *
   * @example
   * target.inspect("app.jobs[0].state").value.text // "'running'"
   *
   * @throws RemoraError `PATH_INVALID`, `PATH_NOT_FOUND`, `THREAD_NOT_FOUND`, `TASK_NOT_FOUND`, `MEMORY_UNREADABLE`.
   */
  inspect(path: string, options: InspectOptions = {}): InspectDocument {
    return inspect(this.#opened, path, options)
  }

  /**
   * The live instances of a class: how many, how large, and the first of them.
   * @throws RemoraError `PATH_NOT_FOUND` when there are none, `PYTHON_UNSUPPORTED` for a free-threaded build.
   */
  instances(type: string, options: InstancesOptions = {}): InstancesDocument {
    return findInstances(this.#opened, type, options)
  }

  /**
   * Who refers to the object at the end of a path: objects that the garbage collector tracks, and local variables.
   *
   * @example
   * target.referrers('@0x7f3c').referrers[0]?.paths // ['app.jobs']
   *
   * @throws RemoraError as `inspect`; `PYTHON_UNSUPPORTED` for a free-threaded build.
   */
  referrers(path: string, options: ReferrersOptions = {}): ReferrersDocument {
    return findReferrers(this.#opened, path, options)
  }

  /** Paths that go on from what has been typed so far: `app.conf.` gives `app.conf.DEBUG` and its like. */
  complete(path: string): string[] {
    return complete(this.#opened, path)
  }

  /**
   * Runs Python source at a safe point of a thread and returns what came of it.
   * @param source Python source; bytes are taken as a source file, coding cookie and all.
   * @throws RemoraError `REMOTE_DEBUG_DISABLED`, `REQUEST_PENDING`, `REQUEST_REFUSED`, `INTERPRETER_FINALIZING`,
   * `THREAD_NOT_FOUND`, `THREAD_STOP_UNAVAILABLE`, `RENDEZVOUS_UNAVAILABLE`, `PERMISSION_DENIED`. A script that raises
   * or that is not started in time is no error here: see `outcome`.
   */
  async exec(source: string | Uint8Array, options: ExecOptions = {}): Promise<ExecDocument> {
    return exec(this.#writable, source, options)
  }

  /**
   * Evaluates an expression in a frame of the program and returns its value, as `inspect` shows values. Statements are
   * run and have none. `await` makes it a task of the loop that the thread runs.
   *
   * @example
   * const { value } = await target.eval('len(jobs)', { frame: 1 })
   * value?.text // '3'
   *
   * @throws RemoraError as `exec`, and `FRAME_NOT_FOUND`, `TASK_NOT_FOUND`.
   */
  async eval(expression: string, options: EvalOptions = {}): Promise<EvalDocument> {
    return evaluate(this.#writable, expression, options)
  }

  /**
   * Begins a session of lines that share their variables, which go with it. Undefined when the thread reached no safe point.
   *
   * @example
   * await using repl = await target.repl()
   * await repl?.run('x = 6')
   * const document = await repl?.run('x * 7')
   * document?.stdout // '42\n'
   *
   * @throws RemoraError as `exec`.
   */
  async repl(options: ReplOptions = {}): Promise<Repl | undefined> {
    return Repl.open(this.#writable, options)
  }

  /**
   * Stops a thread in the target's own pdb. Disposing it, or losing this process, lets the program go as it was.
   *
   * @example
   * await using pdb = await target.pdb({ commands: ['tbreak handle', 'continue'] })
   * const { messages } = await pdb.run('p request.path')
   * messages[0]?.text // "'/orders'\n"
   *
   * @throws RemoraError as `exec`, and `DEBUGGER_PRESENT`, `PDB_UNAVAILABLE`. When the thread reaches no safe point, or the
   * target exits, that is no error here: see `ended` of `pdb.beginning`.
   */
  async pdb(options: PdbOptions = {}): Promise<Pdb> {
    return Pdb.open(this.#writable, options)
  }

  /**
   * As `exec`, in every thread at once: one request and one result each.
   *
   * @throws RemoraError as `exec`, when all threads are done; `onDocument` has had the results of the others.
   */
  async execInAllThreads(source: string | Uint8Array, options: ExecInAllThreadsOptions = {}): Promise<ExecDocument[]> {
    return execInAllThreads(this.#writable, source, options)
  }

  /**
   * Asks the main thread to run the file at `path` as `sys.remote_exec(pid, path)` does, and returns at once: its
   * output and its errors stay in the target.
   * @param path As the target sees it.
   */
  async requestFile(path: string, thread = 'main'): Promise<void> {
    requestFile(this.#writable, path, thread)
  }

  /**
   * Watches lines, calls and exceptions through probes, and returns what they see as it comes. Leaving the loop, or
   * aborting the signal, takes everything back.
   *
   * @example
   * for await (const event of target.trace(['app.orders.place_order -> result'], { forMs: 5_000 })) {
   *   if (event.event === 'return') console.log(event.elapsedMs, event.result?.text)
   * }
   *
   * @throws RemoraError `PROBE_INVALID`, `PROBE_NOT_FOUND`, `TOOL_IDS_TAKEN`, `AGENT_LOST`, and as `exec`.
   */
  trace(probes: readonly string[], options: TraceOptions = {}): AsyncGenerator<TraceDocument> {
    return trace(this.#writable, probes, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writable.close()
    this.#closeReaders()
  }

  /** Synchronous, so that it can run when this process is about to exit. */
  dispose(): void {
    this.#writable.dispose()
    this.#closeReaders()
  }

  #closeReaders(): void {
    this.#stackReader?.close()
    this.#opened.memory.close()
  }
}
