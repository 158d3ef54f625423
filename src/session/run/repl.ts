// `remora repl`: lines that run one after the other in a process that goes on between them, and share their variables.
// These live in a thread of the target's that ends with this process (`session-thread.ts`); each line is a request of its own.

import { CodeCache } from '../../cpython/code/code.js'
import { RemoraError } from '../../errors/remora-error.js'
import type { Message } from '../../inject/channel.js'
import { MESSAGES } from '../../inject/protocol.js'
import { readStack } from '../../unwind/read-stack.js'
import { untilAlone } from '../activity/agent-frames.js'
import { chooseThread, listThreads, type TargetThread } from '../activity/threads.js'
import type { FrameInfo, ReplDocument, ThreadInfo } from '../documents/index.js'
import { SourceLines } from '../read/source-lines.js'
import { type ExecutionOptions, execute, type Work } from './execution.js'
import type { Host } from './host.js'
import { hostOfAny, SessionThread } from './session-thread.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

export interface ReplOptions extends Pick<ExecutionOptions, 'timeoutMs' | 'signal' | 'onWaiting' | 'nudge'> {
  /**
   * Where lines run: `'main'` (the default), a native thread id, an ident, or a name; or `'agent'`, a thread of its own,
   * for programs that do not come to a safe point any more once it has been started.
   */
  thread?: string | undefined
}

/** A line waits for its thread without end, unless `timeoutMs` says otherwise. */
export interface LineOptions extends ExecutionOptions {
  /** Nothing more follows: a text that is not complete is an error, and a block at its end is ended. */
  final?: boolean | undefined
}

/** A frame that lines see, as it was when it was chosen. */
export interface ChosenFrame {
  qualifiedName: string
  file: string
  line: number
}

/** How long a completion may take; it is a convenience, and the target may be busy elsewhere. */
const COMPLETE_MS = 1_000
/** How long the request that starts a session may take to leave its thread: it needs the GIL for a moment. */
const LEAVE_MS = 1_000

export class Repl implements AsyncDisposable {
  readonly #target: WritableTarget
  readonly #sessionThread: SessionThread
  readonly #where: string
  readonly #sources: SourceLines
  /** Number of the line, or of the lines that make a statement. */
  #count = 1
  #chosen: ChosenFrame | undefined

  private constructor(target: WritableTarget, sessionThread: SessionThread, where: string) {
    this.#target = target
    this.#sessionThread = sessionThread
    this.#where = where
    this.#sources = new SourceLines(target.status.pid)
  }

  /**
   * Begins a session. Undefined when the thread reached no safe point in time, or the caller has aborted.
   * @throws RemoraError as `exec`.
   */
  static async open(
    target: WritableTarget,
    { thread = 'main', ...options }: ReplOptions = {},
  ): Promise<Repl | undefined> {
    const threads = listThreads(target)
    const host = thread === 'agent' ? hostOfAny(target, threads) : new ThreadHost(target, chooseThread(threads, thread))
    const sessionThread = await SessionThread.start(target, host, options)
    if (sessionThread === undefined) return undefined
    const repl = new Repl(target, sessionThread, thread)
    const started = repl.#thread()
    if (started !== undefined) await untilAlone(target, started, LEAVE_MS)
    return repl
  }

  /** The thread in which lines run. */
  get thread(): ThreadInfo {
    return this.#host().info
  }

  /** Runs `source`, unless more lines must or may follow. Each expression is shown on stdout as it comes. */
  async run(source: string, options: LineOptions = {}): Promise<ReplDocument> {
    let unfinished: ReplDocument['unfinished']
    const document = await this.#execute({ source, final: options.final === true }, options, ({ kind, payload }) => {
      if (kind === MESSAGES.unfinishedLine.kind) unfinished = payload.toString() === 'open' ? 'open' : 'incomplete'
    })
    if (unfinished === undefined) this.#count++
    return { ...document, ...(unfinished === undefined ? {} : { unfinished }) }
  }

  /** Words that go on from `text`, a name with or without attributes, as the target knows them. */
  async complete(text: string): Promise<string[]> {
    let words: string[] = []
    const options = { timeoutMs: COMPLETE_MS, runTimeoutMs: COMPLETE_MS }
    await this.#execute({ source: text, complete: true }, options, ({ kind, payload }) => {
      if (kind === MESSAGES.completions.kind && payload.length > 0) words = payload.toString('utf8').split('\n')
    })
    return words
  }

  /**
   * From now on lines see, and assign, the variables of that frame: as `frames` counts them at the moment at which the
   * thread reaches a safe point. Undefined: of whatever frame a line finds itself in, and assign none.
   * @throws RemoraError `FRAME_NOT_FOUND`
   */
  async use(frame: number | undefined, options: LineOptions = {}): Promise<ChosenFrame | undefined> {
    let chosen: ChosenFrame | undefined
    let frames: number | undefined
    await this.#execute({ use: frame ?? -1 }, options, ({ kind, payload }) => {
      if (kind === MESSAGES.chosenFrame.kind) chosen = toChosenFrame(payload)
      if (kind === MESSAGES.frameCount.kind) frames = Number(payload.toString())
    })
    if (frames !== undefined) {
      throw new RemoraError('FRAME_NOT_FOUND', `the thread has ${frames} frames, so there is no frame ${frame}`, {
        frame,
        frames,
      })
    }
    this.#chosen = chosen
    return chosen
  }

  /** The frames of the thread in which lines run, innermost first, from memory. */
  frames(): readonly FrameInfo[] {
    const thread = this.#thread()
    return thread === undefined
      ? []
      : readStack(this.#target.runtime, thread.state, new CodeCache(this.#target.runtime)).frames
  }

  threads(): readonly ThreadInfo[] {
    const own = this.#sessionThread.info
    return listThreads(this.#target).map(({ info }) => (info.nativeId === own.nativeId ? own : info))
  }

  /** Lines around where the chosen frame was, or around where the thread is now; undefined without a readable file. */
  source(
    around = 5,
  ): { readonly place: ChosenFrame; readonly lines: readonly (readonly [number, string])[] } | undefined {
    const [frame] = this.#chosen === undefined ? this.frames() : []
    const place = this.#chosen ?? (frame?.line == null ? undefined : { ...frame, line: frame.line })
    if (place === undefined) return undefined
    const numbers = Array.from({ length: 2 * around + 1 }, (_, index) => place.line - around + index)
    const lines = numbers.flatMap((number) => {
      const line = number < 1 ? undefined : this.#sources.find(place.file, number)
      return line === undefined ? [] : [[number, line] as const]
    })
    return { place, lines }
  }

  /** Ends the session: its thread, and with it its variables, have then gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessionThread.stop()
  }

  async #execute(
    config: { readonly source?: string; readonly final?: boolean; readonly use?: number; readonly complete?: boolean },
    options: ExecutionOptions,
    onMessage: (message: Message) => void,
  ): Promise<ReplDocument> {
    const { source = '', final = false, use = null, complete = false } = config
    const work: Work<Pick<ReplDocument, 'schema' | 'source'>> = {
      head: { schema: 'remora.repl/1', source },
      agent: 'enter',
      config: {
        source: Buffer.from(source).toString('hex'),
        filename: `<repl-${this.#count}>`,
        thread: this.#sessionThread.info.id,
        token: this.#sessionThread.token,
        final,
        use,
        complete,
      },
      onMessage,
    }
    const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY
    return execute(this.#target, this.#host(), work, { ...options, timeoutMs })
  }

  #host(): Host {
    const thread = this.#thread()
    return thread === undefined ? this.#sessionThread : new ThreadHost(this.#target, thread)
  }

  /** Undefined for the session's own. Looked up each time: any but the main one can end, and another take its place. */
  #thread(): TargetThread | undefined {
    return this.#where === 'agent' ? undefined : chooseThread(listThreads(this.#target), this.#where)
  }
}

function toChosenFrame(payload: Buffer): ChosenFrame {
  const [qualifiedName = '?', file = '?', line = '0'] = payload.toString('utf8').split('\n')
  return { qualifiedName, file, line: Number(line) }
}
