// `remora eval`: one expression in a frame of the program, whose variables it sees and can assign. Its value is read from
// outside, as `inspect` reads values, while the agent holds it: no code of the target runs for it, and the limits and the
// masks are the same.

import { readVariable } from '../../cpython/values/read-variable.js'
import { ValueReader } from '../../cpython/values/value-reader.js'
import type { ValueLimits, Variable } from '../../cpython/values/variable.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { AgentConnection } from '../../inject/agent-connection.js'
import type { Message } from '../../inject/channel.js'
import { MESSAGES } from '../../inject/protocol.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { EvalDocument, TaskInfo } from '../documents/index.js'
import { chooseTask, taskEnded } from '../read/tasks/choose-task.js'
import { readTasks } from '../read/tasks.js'
import type { OpenProcess } from '../target/open-process.js'
import { type ExecutionOptions, execute, type Work } from './execution.js'
import { decodeBackslashReplace } from './output-buffer.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

export interface EvalOptions extends ExecutionOptions, Partial<ValueLimits> {
  /** `'main'` (the default), a native thread id, an ident, or a name. */
  thread?: string | undefined
  /** The asyncio task of this name or id instead, in the thread that runs its loop. */
  task?: string | undefined
  /** As `stack` counts them: 0, the default, is the innermost. */
  frame?: number | undefined
  /** Ask for the text of `repr()` instead of the value. */
  repr?: boolean | undefined
}

/** Of a repr: what is longer is cut. */
const MAX_REPR_BYTES = 16 * 1024 * 1024
/** Tasks that an error lists. */
const MAX_LISTED = 20

/**
 * @throws RemoraError as `exec`, and `FRAME_NOT_FOUND`, `TASK_NOT_FOUND`.
 */
export async function evaluate(
  target: WritableTarget,
  expression: string,
  options: EvalOptions = {},
): Promise<EvalDocument> {
  const task = options.task === undefined ? undefined : chooseRunningTask(target, options.task)
  const thread = chooseThread(listThreads(target), String(task?.threadId ?? options.thread ?? 'main'))
  const frame = options.frame ?? 0
  const result = new Result(target, expression, options)
  const work: Work<Pick<EvalDocument, 'schema'>> = {
    head: { schema: 'remora.eval/1' },
    agent: 'eval',
    config: {
      source: Buffer.from(expression.trim()).toString('hex'),
      filename: '<eval>',
      frame,
      task: task?.id ?? null,
      repr: options.repr === true,
    },
    onMessage: (message, connection) => result.take(message, connection),
  }
  const document = await execute(target, new ThreadHost(target, thread), work, options)
  if (result.frames !== undefined) throw noFrame(result.frames, { frame, task, thread: thread.info.name })
  return { ...document, ...result.fields() }
}

/** The value, as the agent tells it. */
class Result {
  /** How many frames there are, where the one that was asked for is not among them. */
  frames: number | undefined
  readonly #target: WritableTarget
  readonly #name: string
  readonly #limits: EvalOptions
  readonly #pieces: Buffer[] = []
  #bytes = 0
  #value: Variable | undefined

  constructor(target: WritableTarget, name: string, limits: EvalOptions) {
    this.#target = target
    this.#name = name
    this.#limits = limits
  }

  take({ kind, payload }: Message, connection: AgentConnection): void {
    if (kind === MESSAGES.frameCount.kind) this.frames = Number(payload.toString())
    else if (kind === MESSAGES.reprPiece.kind && this.#bytes < MAX_REPR_BYTES) {
      this.#pieces.push(Buffer.from(payload))
      this.#bytes += payload.length
    } else if (kind === MESSAGES.valueAddress.kind) {
      this.#value = this.#read(Number(payload.toString()))
      connection.sendWord(MESSAGES.valueRead)
    }
  }

  fields(): Pick<EvalDocument, 'value' | 'repr'> {
    if (this.#value !== undefined) return { value: this.#value }
    return this.#pieces.length === 0 ? {} : { repr: decodeBackslashReplace(Buffer.concat(this.#pieces)) }
  }

  #read(address: number): Variable {
    const { depth, items, chars } = this.#limits
    const limits = Object.entries({ depth, items, chars }).filter(([, limit]) => limit !== undefined)
    const mask = 'mask' in this.#limits ? { mask: this.#limits.mask } : {}
    const reader = new ValueReader(this.#target.runtime, { ...Object.fromEntries(limits), ...mask })
    // What is asked for by a name that sounds like a secret is one; an expression that only contains such a name may not be.
    return readVariable(reader, { name: this.#name, value: address, plainName: lastName(this.#name) })
  }
}

/** `token` of `app.token`, nothing of `len(token)`. */
function lastName(expression: string): string {
  return /(?:^|\.|\[['"])([\p{L}\p{N}_]+)(?:['"]\])?\s*$/u.exec(expression)?.[1] ?? ''
}

/** The task of that name or id, which a thread must be running. */
function chooseRunningTask(target: OpenProcess, which: string): TaskInfo & { threadId: number } {
  const { tasks } = readTasks(target)
  const task = chooseTask(tasks, which)
  if (task.threadId !== undefined) return { ...task, threadId: task.threadId }
  throw new RemoraError('TASK_NOT_FOUND', `no thread runs the loop of task ${which}`, {
    task: which,
    there: tasks.map(({ name }) => name).slice(0, MAX_LISTED),
  })
}

function noFrame(
  frames: number,
  { frame, task, thread }: { frame: number; task: TaskInfo | undefined; thread: string },
): RemoraError {
  if (task !== undefined && frames === 0) return taskEnded(task.name)
  const where = task === undefined ? `thread ${thread}` : `task ${task.name}`
  return new RemoraError('FRAME_NOT_FOUND', `${where} has ${frames} frames, so there is no frame ${frame}`, {
    frame,
    frames,
  })
}
