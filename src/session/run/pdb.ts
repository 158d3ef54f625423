// `remora pdb` for programs: a session with the target's own pdb in which a command goes in and a document comes out.
// For people there are the front-ends of `cli/pdb`, which show what pdb says as it comes.

import type { BlockState } from '../../pdb/agent-transport.js'
import { Conversation, type OpenPrompt, type Reply } from '../../pdb/serve-front-end.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { PdbDocument, TargetInfo, ThreadInfo } from '../documents/index.js'
import { type NoPdbSession, openPdb, type PdbOptions, type PdbSession } from './open-pdb.js'
import type { WritableTarget } from './writable-target.js'

/** Prompts that lie within each other, such as that of `interact` in a breakpoint's commands. */
const MAX_NESTED_PROMPTS = 20

export class Pdb implements AsyncDisposable {
  /** The stop with which it begins, and what the commands have come to that were given with it. */
  readonly beginning: Promise<PdbDocument>
  /** Where an answer is due; absent while the program runs, and at the end. */
  prompt: OpenPrompt | undefined
  readonly #about: { readonly target: TargetInfo; readonly thread: ThreadInfo }
  readonly #session: PdbSession | NoPdbSession
  readonly #conversation: Conversation | undefined
  #droppedBytes = 0

  private constructor(about: { target: TargetInfo; thread: ThreadInfo }, session: PdbSession | NoPdbSession) {
    this.#about = about
    this.#session = session
    this.#conversation = session.outcome === undefined ? new Conversation(session) : undefined
    this.beginning = this.#read()
  }

  /** @throws RemoraError as `openPdb`. That the thread reached no safe point is said by the first document. */
  static async open(target: WritableTarget, options: PdbOptions = {}): Promise<Pdb> {
    const { info } = chooseThread(listThreads(target), options.thread ?? 'main')
    let pdb: Pdb | undefined
    const onDropped = (bytes: number): void => {
      if (pdb !== undefined) pdb.#droppedBytes += bytes
      options.onDropped?.(bytes)
    }
    pdb = new Pdb({ target: target.info, thread: info }, await openPdb(target, { ...options, onDropped }))
    return pdb
  }

  /** Resolves when the session is over, or there is none. */
  get ended(): Promise<void> {
    return this.#session.outcome === undefined ? this.#session.ended : Promise.resolve()
  }

  /** Runs a command of pdb, or Python, of one line or more; the document comes with the next prompt, or at the end. */
  async run(command: string): Promise<PdbDocument> {
    return this.answer({ reply: command })
  }

  /** As `run`, for what a person types: also Ctrl-C and Ctrl-D. */
  async answer(reply: Reply): Promise<PdbDocument> {
    if (this.prompt === undefined) await this.beginning
    // Sent before this returns for the first time, so that an interrupt comes behind it.
    this.#conversation?.answer(reply)
    return this.#read('reply' in reply ? reply.reply : undefined)
  }

  /** Whether what was typed so far is a whole statement. Only while a prompt is open. */
  async checkBlock(block: string): Promise<BlockState> {
    return this.#session.outcome === undefined ? this.#session.checkBlock(block) : { complete: true }
  }

  /** Stops a program, or a command, that runs. */
  interrupt(): void {
    if (this.#session.outcome === undefined) this.#session.interrupt()
  }

  /** Lets the program go at once, whatever is under way. */
  close(): void {
    if (this.#session.outcome === undefined) this.#session.close()
  }

  /** Lets the program go. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let prompts = 0; this.prompt !== undefined && prompts < MAX_NESTED_PROMPTS; prompts++) {
      await this.answer({ signal: 'EOF' })
    }
    this.close()
  }

  async #read(command?: string): Promise<PdbDocument> {
    this.prompt = undefined
    const messages: PdbDocument['messages'] = []
    for (;;) {
      const message = await this.#conversation?.next()
      if (message === undefined) {
        // What is asked of the target from here on is not to meet the agent on its way out.
        await this.ended
        return this.#toDocument({ command, messages, ended: this.#ending() })
      }
      if ('help' in message) messages.push({ type: 'info', text: message.text ?? '' })
      else if ('message' in message) add(messages, message.type, message.message)
      else if ('prompt' in message) {
        const { prompt: text, state } = message
        this.prompt = this.#conversation?.open(message)
        return this.#toDocument({ command, messages, prompt: { text, state } })
      }
    }
  }

  #ending(): 'detached' | NoPdbSession['outcome'] {
    return this.#session.outcome ?? (this.#session.detached ? 'detached' : 'exited')
  }

  #toDocument({ command, ...fields }: Reading): PdbDocument {
    const pending = this.#session.outcome === undefined ? undefined : this.#session.pending
    return {
      schema: 'remora.pdb/1',
      ...this.#about,
      thread: (this.#session.outcome === undefined && this.#session.stoppedThread) || this.#about.thread,
      ...(command === undefined ? {} : { command }),
      ...fields,
      droppedBytes: this.#droppedBytes,
      ...(pending === undefined ? {} : { pending }),
    }
  }
}

/** What belongs to one document alone. */
interface Reading extends Pick<PdbDocument, 'messages' | 'prompt' | 'ended'> {
  readonly command: string | undefined
}

/** What one command prints comes in pieces. */
function add(messages: PdbDocument['messages'], type: 'info' | 'error', text: string): void {
  const last = messages.at(-1)
  if (last?.type === 'info' && type === 'info') last.text += text
  else messages.push({ type, text })
}
