// The conversation with an agent that runs code (`agents/run/run.py`): give it its configuration, pass its output on as it
// comes, interrupt it when asked, collect the result. Ends when the agent has reported, or when the connection ends
// without a report.

import type { AgentConnection } from './agent-connection.js'
import type { Message } from './channel.js'
import { type FromAgent, MESSAGES, parseJson, type RunEnded } from './protocol.js'

export type OutputListener = (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>

export interface ConversationOptions {
  /** Awaited before more is read, so that a slow reader slows nothing but itself: what does not fit is dropped. */
  readonly onOutput: OutputListener
  /** Aborting interrupts the script with KeyboardInterrupt. */
  readonly interrupt?: AbortSignal | undefined
  /** Messages that only one kind of agent sends. */
  readonly onMessage?: ((message: Message) => void) | undefined
}

export interface RunError {
  /** Qualified name of the exception's type. */
  readonly type: string
  readonly message: string
  /** As Python prints it. */
  readonly traceback: string
}

/** What the agent reported; undefined when the connection ended without a report. */
export interface RunReport extends RunEnded {
  readonly error?: RunError
}

/**
 * How long the agent's last frames may take to go after its report. The end of the connection says that they have, so
 * that the next request cannot run inside them; a child that the script forked may hold the connection open.
 */
const LAST_FRAME_MS = 100

/** How long a script may go on after it was interrupted: in C, or under a profiler that holds our events back. */
const INTERRUPT_MS = 5_000
const MAX_TEXT_BYTES = 1024 * 1024

const { stdout, stderr, runEnded, errorType, errorMessage, errorTraceback } = MESSAGES
const ERROR_TEXTS: readonly string[] = [errorType.kind, errorMessage.kind, errorTraceback.kind]

/** `stuck` for code that does not let itself be interrupted. */
export async function followRun(
  connection: AgentConnection,
  config: unknown,
  { onOutput, onMessage, interrupt }: ConversationOptions,
): Promise<RunReport | 'stuck' | undefined> {
  let patience: NodeJS.Timeout | undefined
  let stuck = false
  const sendInterrupt = (): void => {
    connection.sendWord(MESSAGES.interrupt)
    patience = setTimeout(() => {
      stuck = true
      connection.close()
    }, INTERRUPT_MS)
  }
  connection.start(config)
  interrupt?.addEventListener('abort', sendInterrupt)
  if (interrupt?.aborted) sendInterrupt()
  try {
    return (await collect(connection, onOutput, onMessage)) ?? (stuck ? 'stuck' : undefined)
  } finally {
    clearTimeout(patience)
    interrupt?.removeEventListener('abort', sendInterrupt)
    connection.close()
  }
}

async function collect(
  connection: AgentConnection,
  onOutput: OutputListener,
  onMessage: ConversationOptions['onMessage'],
): Promise<RunReport | undefined> {
  const texts = new Map<string, string>()
  for (;;) {
    const message = await connection.receive()
    if (message === undefined) return undefined
    const { kind, payload } = message
    if (kind === stdout.kind) await onOutput('stdout', payload)
    else if (kind === stderr.kind) await onOutput('stderr', payload)
    else if (kind === runEnded.kind) {
      await connection.ended(LAST_FRAME_MS)
      return parseReport(payload, texts)
    } else if (ERROR_TEXTS.includes(kind)) texts.set(kind, payload.toString('utf8', 0, MAX_TEXT_BYTES))
    else onMessage?.(message)
  }
}

/** The target may say anything: undefined for what is no report. */
function parseReport(payload: Buffer, texts: ReadonlyMap<string, string>): RunReport | undefined {
  const { outcome, runMs, droppedBytes } = parseJson(runEnded, payload)
  if (typeof runMs !== 'number' || typeof droppedBytes !== 'number') return undefined
  if (outcome === 'completed') return { outcome, runMs, droppedBytes }
  if (outcome !== 'raised') return undefined
  const textOf = ({ kind }: FromAgent): string | undefined => texts.get(kind)
  const [message, traceback] = [textOf(errorMessage) ?? '', textOf(errorTraceback) ?? '']
  return { outcome, runMs, droppedBytes, error: { type: textOf(errorType) ?? '?', message, traceback } }
}
