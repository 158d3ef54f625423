// The conversation with the trace agent: hand it the probes, pass its events on as they come, tell it to stop. What it
// says is JSON of a stranger: a line that is no event of ours is left out.

import type { AgentConnection } from '../inject/agent-connection.js'
import { MESSAGES } from '../inject/protocol.js'
import type { Probe } from './probe.js'

/** What the probes may cost, all of them together. */
export interface TraceBudget {
  /** Part of one core: 0.01 is one percent. */
  readonly cpuShare: number
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
}

export interface AgentConfig {
  readonly probes: readonly (Probe & { readonly index: number; readonly slowerMs?: number })[]
  readonly allowCalls: boolean
  readonly limits: { readonly depth: number; readonly items: number; readonly chars: number; readonly mask: boolean }
  readonly budget: TraceBudget
  readonly seconds: number
  /** How many events are reported before it ends; null for any number. */
  readonly reports: number | null
}

export type AgentEventName = 'attached' | 'hit' | 'return' | 'aggregate' | 'error' | 'budget' | 'dropped' | 'detached'

/** `at` in milliseconds of the epoch. */
export type AgentEvent = Readonly<Record<string, unknown>> & {
  readonly event: AgentEventName | 'refused'
  readonly at: number
}

const EVENTS: readonly string[] = [
  ...(['attached', 'hit', 'return', 'aggregate'] satisfies AgentEventName[]),
  ...(['error', 'budget', 'dropped', 'detached'] satisfies AgentEventName[]),
  'refused',
]

/** How long an agent that was told to leave may be silent before it is taken for stuck. */
const LEAVE_S = 3

/** Ends when the agent has closed the connection; aborting tells it to. */
export async function* followProbes(
  connection: AgentConnection,
  config: AgentConfig,
  signal: AbortSignal | undefined,
): AsyncGenerator<AgentEvent> {
  let leaving: NodeJS.Timeout | undefined
  let silentS = 0
  const stop = (): void => {
    connection.sendWord(MESSAGES.stopTracing)
    // Counted in turns of our own loop: where it was held up, as after a stop, what the agent has said is not read yet.
    leaving = setInterval(() => ++silentS < LEAVE_S || connection.close(), 1_000)
  }
  connection.start(config)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    for (;;) {
      const message = await connection.receive()
      if (message === undefined) return
      for (const event of message.kind === MESSAGES.traceEvents.kind ? parseEvents(message.payload) : []) {
        silentS = 0
        yield event
      }
    }
  } finally {
    clearInterval(leaving)
    signal?.removeEventListener('abort', stop)
    connection.close()
  }
}

function parseEvents(payload: Buffer): AgentEvent[] {
  return payload
    .toString('utf8')
    .split('\n')
    .flatMap((line) => parseEvent(line) ?? [])
}

function parseEvent(line: string): AgentEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isEvent(value: unknown): value is AgentEvent {
  if (typeof value !== 'object' || value === null) return false
  const { event, at } = value as Record<string, unknown>
  return typeof at === 'number' && typeof event === 'string' && EVENTS.includes(event)
}
