// The conversation with the exec agent: hand it a script, pass its output on as it comes, interrupt it when asked,
// collect the result. Ends when the agent has reported, or when the connection ends without a report.

import channelSource from '../agents/channel.py'
import execSource from '../agents/exec.py'
import { nowMs } from '../process/clock.js'
import type { AgentConnection } from './agent-connection.js'

/** The agent that `runScript` talks to. */
export const scriptAgent: string = `${channelSource}\n\n${execSource}`

export interface Script {
  /** The bytes of the file: the target decides on their encoding as it does for any source file. */
  readonly source: Buffer
  /** What tracebacks show. */
  readonly filename: string
}

export type OutputListener = (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>

export interface RunOptions {
  /** Awaited before more is read, so that a slow reader slows nothing but itself: what does not fit is dropped. */
  readonly onOutput: OutputListener
  /** Aborting interrupts the script with KeyboardInterrupt. */
  readonly interrupt?: AbortSignal | undefined
}

export interface ScriptError {
  /** Qualified name of the exception's type. */
  readonly type: string
  readonly message: string
  /** As Python prints it. */
  readonly traceback: string
}

/** What the agent reported; undefined when the connection ended without a report. */
export interface ScriptReport {
  readonly outcome: 'completed' | 'raised'
  readonly runMs: number
  /** Bytes of output that a slow reader made the agent drop. */
  readonly droppedBytes: number
  readonly error?: ScriptError
}

/**
 * How long the agent's last frames may take to go after its report. The end of the connection says that they have, so
 * that the next request cannot run inside them; a child that the script forked may hold the connection open.
 */
const LAST_FRAME_MS = 100

/** How long a script may go on after it was interrupted: in C, or under a profiler that holds our events back. */
const INTERRUPT_MS = 5_000
const MAX_TEXT_BYTES = 1024 * 1024

export async function runScript(
  connection: AgentConnection,
  script: Script,
  { onOutput, interrupt }: RunOptions,
): Promise<ScriptReport | 'stuck' | undefined> {
  let stuck: NodeJS.Timeout | undefined
  const sendInterrupt = (): void => {
    connection.sendWord('i')
    stuck = setTimeout(() => connection.close(), INTERRUPT_MS)
  }
  connection.start({ source: script.source.toString('hex'), filename: script.filename })
  interrupt?.addEventListener('abort', sendInterrupt)
  if (interrupt?.aborted) sendInterrupt()
  const started = nowMs()
  try {
    const report = await collect(connection, onOutput)
    const waitedMs = stuck === undefined ? 0 : nowMs() - started
    return report ?? (waitedMs >= INTERRUPT_MS ? 'stuck' : undefined)
  } finally {
    clearTimeout(stuck)
    interrupt?.removeEventListener('abort', sendInterrupt)
    connection.close()
  }
}

async function collect(connection: AgentConnection, onOutput: OutputListener): Promise<ScriptReport | undefined> {
  const texts = new Map<string, string>()
  for (;;) {
    const message = await connection.receive()
    if (message === undefined) return undefined
    const { kind, payload } = message
    if (kind === 'o' || kind === 'e') await onOutput(kind === 'o' ? 'stdout' : 'stderr', payload)
    else if (kind === 'r') {
      await connection.ended(LAST_FRAME_MS)
      return parseReport(payload, texts)
    } else if ('TMB'.includes(kind)) texts.set(kind, payload.toString('utf8', 0, MAX_TEXT_BYTES))
  }
}

/** The target may say anything: undefined for what is no report. */
function parseReport(payload: Buffer, texts: ReadonlyMap<string, string>): ScriptReport | undefined {
  let result: Partial<ScriptReport>
  try {
    result = JSON.parse(payload.toString('utf8')) as Partial<ScriptReport>
  } catch {
    return undefined
  }
  const { outcome, runMs, droppedBytes } = result
  if (typeof runMs !== 'number' || typeof droppedBytes !== 'number') return undefined
  if (outcome === 'completed') return { outcome, runMs, droppedBytes }
  if (outcome !== 'raised') return undefined
  const error = { type: texts.get('T') ?? '?', message: texts.get('M') ?? '', traceback: texts.get('B') ?? '' }
  return { outcome, runMs, droppedBytes, error }
}
