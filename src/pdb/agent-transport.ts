// The transport of a session to our agent in the target (src/agents/pdb/main.py): pdb's own lines, and what the agent
// understands and says beside them. It reads all the time, so that the end of the target shows while a person types.

import { RemoraError } from '../errors/remora-error.js'
import type { AgentConnection } from '../inject/agent-connection.js'
import type { Message } from '../inject/channel.js'
import { MESSAGES, type PdbThread, parseJson } from '../inject/protocol.js'
import type { Transport } from './serve-front-end.js'

/** Whether what was typed so far is a whole statement, or what is wrong with it. */
export type BlockState = { readonly complete: boolean } | { readonly error: string }

/**
 * The agent's first word: it has begun, or why it has not. `leaving`: a session whose client has died is about to end.
 */
export async function receiveBeginning(
  connection: AgentConnection,
): Promise<'begun' | 'leaving' | 'gone' | RemoraError> {
  const message = await connection.receive()
  if (message === undefined) return 'gone'
  if (message.kind === MESSAGES.pdbBegun.kind) return 'begun'
  const { reason, text } = parseJson(MESSAGES.pdbRefused, message.payload)
  if (reason === 'leaving') return reason
  if (reason === 'debugger') return new RemoraError('DEBUGGER_PRESENT', `the target is being debugged: ${text}`)
  return new RemoraError('PDB_UNAVAILABLE', `pdb cannot begin in the target: ${text}`)
}

export interface TransportEvents {
  /** Bytes of output that the agent has dropped, as we were slow. */
  readonly onDropped: (bytes: number) => void
  /** The interrupt that was asked for has to come as a request to the thread. */
  readonly onUnreachable: () => void
}

/** How long the agent may take to leave when it has said that the session is over. */
const LEAVE_MS = 1_000
/** Lines that may wait for a slow front-end before no more are read from the agent. */
const MAX_WAITING_LINES = 1_000

export class AgentTransport implements Transport {
  readonly #connection: AgentConnection
  readonly #events: TransportEvents
  readonly #lines: string[] = []
  readonly #blocks: ((state: BlockState) => void)[] = []
  #over = false
  #detached = false
  /** The thread that has stopped last, where all can stop. */
  #stoppedThread: PdbThread | undefined
  #impatience: NodeJS.Timeout | undefined
  #leaving: NodeJS.Timeout | undefined
  #wakeReader: (() => void) | undefined
  #wakePump: (() => void) | undefined
  /** Resolves when the agent has gone; its last word, after which no lines are received, comes a moment earlier. */
  readonly ended: Promise<void>

  constructor(connection: AgentConnection, events: TransportEvents) {
    this.#connection = connection
    this.#events = events
    this.ended = this.#pump()
  }

  /** Whether one of the two sides has ended the session; without that, the target itself has ended. */
  get detached(): boolean {
    return this.#detached
  }

  get stoppedThread(): PdbThread | undefined {
    return this.#stoppedThread
  }

  send(line: string): void {
    this.#connection.sendText(`${line}\n`)
  }

  async receive(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve
      })
    }
    this.#wakePump?.()
    return this.#lines.shift()
  }

  /** Only while a prompt is open. */
  async checkBlock(block: string): Promise<BlockState> {
    if (this.#over) return { complete: true }
    this.send(`${MESSAGES.checkBlock.kind}${JSON.stringify(block).replaceAll(/[\u007f-\uffff]/g, escapeUnit)}}`)
    return new Promise((resolve) => this.#blocks.push(resolve))
  }

  /** Stops a program or a command that runs. At a prompt, where pdb has a signal of its own, it does nothing. */
  interrupt(): void {
    this.send(MESSAGES.interruptPdb.kind)
  }

  /** Stops a program that has not stopped by itself after `ms`: it may be back in the call from which it was woken. */
  interruptUnlessStopped(ms: number): void {
    this.#impatience = setTimeout(() => this.interrupt(), ms)
  }

  close(): void {
    this.#detached = true
    clearTimeout(this.#impatience)
    this.#connection.close()
  }

  async #pump(): Promise<void> {
    for (;;) {
      const message = await this.#connection.receive()
      if (message === undefined) break
      this.#take(message)
      while (this.#lines.length > MAX_WAITING_LINES && !this.#over) {
        await new Promise<void>((resolve) => {
          this.#wakePump = resolve
        })
      }
    }
    clearTimeout(this.#leaving)
    this.#end()
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#impatience)
    for (const resolve of this.#blocks) resolve({ complete: true })
    this.#wakeReader?.()
  }

  #take({ kind, payload }: Message): void {
    if (kind === MESSAGES.pdbMessage.kind) {
      clearTimeout(this.#impatience)
      this.#lines.push(payload.toString('utf8'))
      this.#wakeReader?.()
    } else if (kind === MESSAGES.blockState.kind) this.#blocks.shift()?.(parseBlockState(payload))
    else if (kind === MESSAGES.pdbThread.kind) this.#stoppedThread = parseThread(payload)
    else if (kind === MESSAGES.pdbDropped.kind) this.#events.onDropped(Number.parseInt(payload.toString(), 10) || 0)
    else if (kind === MESSAGES.interruptByRequest.kind) this.#events.onUnreachable()
    else if (kind === MESSAGES.pdbEnded.kind) {
      this.#detached = true
      this.#leaving = setTimeout(() => this.#connection.close(), LEAVE_MS)
      this.#end()
    }
  }
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function parseThread(payload: Buffer): PdbThread | undefined {
  const { id, nativeId, name } = parseJson(MESSAGES.pdbThread, payload)
  if (typeof id !== 'number' || typeof nativeId !== 'number' || typeof name !== 'string') return undefined
  return { id, nativeId, name }
}

function parseBlockState(payload: Buffer): BlockState {
  const { complete, error } = parseJson(MESSAGES.blockState, payload)
  return typeof error === 'string' ? { error } : { complete: complete === true }
}
